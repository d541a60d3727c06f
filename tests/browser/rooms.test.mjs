// Rooms: who sees which, what waits in them, and what becomes of those who may no longer stay.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { password } from '../client/harness.mjs';
import { eventually, Stage, unreachable } from './stage.mjs';

let stage, olga, client;

before(async () => {
  stage = await Stage.open();
  olga = await stage.server.signUp('olga');
  client = await olga.connect('/general');
});
afterEach(() => stage.clear());
after(() => stage.close());

/** A room's entry in the list at the side. */
const entry = (window, name) => window.page.locator('#rooms .rail__room').filter({ hasText: name });

/** What the list says of a room, as one hears it. */
const said = async (window, name) => (await entry(window, name).innerText()).replace(/\s+/g, ' ').trim();

const idOf = async (name) => (await client.ok('user:find', { query: name })).users.find((user) => user.name === name).id;

test('who is invited sees a private room at once, nobody else anything of it', async () => {
  const mods = await stage.enter('olga', { person: olga, forgive: [/400/] });
  const ned = await stage.enter('ned');
  const tess = await stage.enter('tess', { forgive: [/404/] });

  await mods.page.getByRole('link', { name: 'New room' }).click();
  await mods.page.getByLabel('Name').fill('Long Table');
  await mods.page.getByLabel('Topic').fill('the supper of Saturday');
  await mods.page.getByLabel('Private').check();
  await mods.page.getByRole('button', { name: 'Create room' }).click();
  await mods.page.getByLabel('Invite by name').fill('nobody-here');
  await mods.page.getByRole('button', { name: 'Invite' }).click();
  await mods.page.getByText('There is nobody of that name.').waitFor();
  await mods.page.getByLabel('Invite by name').fill('ned');
  await mods.page.getByRole('button', { name: 'Invite' }).click();
  await mods.page.getByText('They were invited').waitFor();
  await mods.page.getByRole('link', { name: 'Back to the conversation' }).click();
  await mods.connected();
  await mods.say('Quinces or pears?');

  await entry(ned, 'Long Table').waitFor();
  await eventually(async () => /^Private room: Long Table 1 unread$/.test(await said(ned, 'Long Table')), 'one message waits');
  await entry(ned, 'Long Table').click();
  await ned.connected();
  await ned.sees('Quinces or pears?');
  await ned.page.getByRole('heading', { name: 'Private room: Long Table' }).waitFor();
  const path = new URL(ned.page.url()).pathname;

  const other = await tess.person.connect('/general');
  for (const seen of [
    await tess.page.content(), JSON.stringify(other.log), JSON.stringify(await other.ask('room:search', { query: 'Quinces' })),
    JSON.stringify(await other.ask('room:list', {})),
  ]) assert.doesNotMatch(seen, /Long Table|Quinces/);
  for (const page of [path, `${path}/settings`, `${path}/1`, '/search?q=pears']) {
    const answer = await tess.page.goto(page);
    assert.doesNotMatch(await tess.page.content(), /Long Table|Quinces/, page);
    if (!page.startsWith('/search')) assert.equal(answer.status(), 404, page);
  }
});

test('the name, the topic and the notice of a room change under those who read it', async () => {
  const { room } = await client.ok('room:create', { name: 'Printing', topic: 'paper' });
  const ned = await stage.enter('ned-two', { path: `/rooms/${room.slug}` });
  await client.ok('room:update', { room: room.slug, name: 'Press', topic: 'ink', notice: 'The press is warm from nine.' });
  await ned.page.getByRole('heading', { name: 'Press' }).waitFor();
  await ned.page.getByText('The press is warm from nine.').waitFor();
  assert.equal(await ned.page.locator('#room-topic').innerText(), 'ink');
  assert.equal(await ned.page.title(), 'Press · roomline');
  assert.equal(await said(ned, 'Press'), 'Press');
  await client.ok('room:update', { room: room.slug, notice: '' });
  await ned.page.getByText('The press is warm from nine.').waitFor({ state: 'hidden' });
});

test('what waits in other rooms is counted without joining them, and read in every window of a person', async () => {
  const { room } = await client.ok('room:create', { name: 'Kitchen' });
  const ned = await stage.enter('ned-three');
  for (const text of ['one', 'two', 'and a third, @ned-three']) await client.send(room.slug, text);
  await eventually(async () => (await said(ned, 'Kitchen')) === 'Kitchen @1 mentions of you 3 unread', 'three wait, one for ned');
  assert.equal(await ned.page.title(), '(1) Lobby · roomline', 'the title counts what is said to ned');

  const elsewhere = await stage.enter('ned-three', { person: ned.person, path: `/rooms/${room.slug}` });
  await elsewhere.sees('one');
  await eventually(async () => (await said(ned, 'Kitchen')) === 'Kitchen', 'it is read');
  assert.equal(await ned.page.title(), 'Lobby · roomline');
});

test('a room of which one wants to hear nothing keeps quiet', async () => {
  const { room } = await client.ok('room:create', { name: 'Noise' });
  const { room: next } = await client.ok('room:create', { name: 'Quiet' });
  const ned = await stage.enter('ned-four', { path: `/rooms/${room.slug}` });
  await ned.page.getByRole('link', { name: 'Settings of this room' }).click();
  await ned.page.getByRole('radio', { name: /^Nothing/ }).check();
  await ned.page.getByRole('button', { name: 'Save' }).click();
  await ned.page.getByText('You will be told as you chose.').waitFor();
  await ned.open('/rooms/lobby');
  await client.send(room.slug, 'hear, hear, @ned-four');
  await client.send(next.slug, 'psst');
  await eventually(async () => (await said(ned, 'Quiet')) === 'Quiet 1 unread', 'the news have come');
  assert.equal(await said(ned, 'Noise'), 'Noise');
});

test('who is removed while they read is told so, and comes back when they are invited again', async () => {
  const { room } = await client.ok('room:create', { name: 'Cellar', private: true });
  const ned = await stage.server.signUp('ned-five');
  const user = await idOf('ned-five');
  await client.ok('room:invite', { room: room.slug, user });
  const window = await stage.enter('ned-five', { person: ned, path: `/rooms/${room.slug}` });
  await client.ok('room:remove', { room: room.slug, user });
  await window.banner.getByText('You are no longer in this room.').waitFor();
  assert.equal(await entry(window, 'Cellar').count(), 0);
  assert.equal(await window.composer.count(), 0, 'nothing can be written any more');
  await client.send(room.slug, 'now that we are alone');
  await client.ok('room:invite', { room: room.slug, user });
  await window.sees('now that we are alone');
  await window.connected();
  assert.equal(await window.composer.count(), 1, 'they are back');
  await client.ok('room:remove', { room: room.slug, user });
  await window.banner.getByRole('link', { name: 'Back to the rooms' }).click();
  await window.page.waitForURL('**/rooms/lobby');
  await window.connected();
  assert.doesNotMatch(await window.page.content(), /Cellar|now that we are alone/);
});

test('the way to a day', async () => {
  const { room } = await client.ok('room:create', { name: 'Diary' });
  for (let n = 0; n < 60; n++) await client.send(room.slug, `entry ${n}`);
  const ned = await stage.enter('ned-six', { path: `/rooms/${room.slug}` });
  const goTo = async (day) => {
    await ned.page.getByRole('button', { name: 'Go to a day' }).click();
    await ned.page.locator('#date-day').fill(day);
    await ned.page.getByRole('button', { name: 'Go', exact: true }).click();
  };
  const today = await ned.page.evaluate(() => new Date().toLocaleDateString('en-CA'));
  await goTo(today);
  await ned.sees('entry 0');
  await ned.page.locator('.message.is-focus').getByText('entry 0').waitFor();
  await goTo('2001-01-01');
  await ned.page.getByText('Nothing was written that day. This is what came next.').waitFor();
});

/** Gives a browser a Notification that is only noted, and pages that can be looked away from. */
function pretend() {
  let hidden = false;
  Object.defineProperty(document, 'hidden', { get: () => hidden });
  window.lookAway = (away) => {
    hidden = away;
    document.dispatchEvent(new Event('visibilitychange'));
  };
  window.notes = [];
  window.Notification = class extends EventTarget {
    static permission = 'granted';
    constructor(title, options) {
      super();
      window.notes.push({ title, body: options.body, note: this });
    }
    close() {}
  };
}

test('one of a person’s windows tells of a message, and only while none is looked at', async () => {
  const { room } = await client.ok('room:create', { name: 'Alarm' });
  const { room: next } = await client.ok('room:create', { name: 'Bell' });
  const person = await stage.server.signUp('ned-seven');
  await (await person.connect('/general')).ok('room:level', { room: room.slug, level: 'all' });
  const one = await stage.window(person);
  const context = one.page.context();
  await context.addInitScript(pretend);
  await one.open('/rooms/lobby');
  const pages = [one.page, await context.newPage()];
  await pages[1].goto(`/rooms/${room.slug}`);
  await pages[1].locator('#line[data-state="live"]').waitFor({ state: 'attached' });
  const notes = async () => (await Promise.all(pages.map((page) => page.evaluate(() => window.notes.map(({ title, body }) => [title, body]))))).flat();

  await pages[0].evaluate(() => window.lookAway(true));
  await client.send(room.slug, 'while somebody looks');
  await client.send(next.slug, 'later');
  await eventually(async () => /1 unread/.test(await said(one, 'Bell')), 'the news have come');
  assert.deepEqual(await notes(), []);

  await pages[1].evaluate(() => window.lookAway(true));
  await client.send(room.slug, 'while nobody looks');
  await eventually(async () => (await notes()).length > 0, 'a notification');
  await eventually(async () => /^\(\d\) Alarm/.test(await pages[1].title()), 'the title counts');
  await client.send(room.slug, 'and again');
  await eventually(async () => (await notes()).length > 1, 'another');
  assert.deepEqual(await notes(), [['olga in Alarm', 'while nobody looks'], ['olga in Alarm', 'and again']]);

  const told = (await pages[0].evaluate(() => window.notes.length)) ? pages[0] : pages[1];
  await told.evaluate(() => window.notes.at(-1).note.dispatchEvent(new Event('click')));
  await told.locator('.message.is-focus').getByText('and again').waitFor();
});

test('a session that ended is begun again in place', async () => {
  const ned = await stage.enter('ned-eight', { forgive: [/40[13]/] });
  const second = await ned.page.context().newPage();
  await second.goto('/rooms/lobby');
  await ned.composer.fill('half a thought');
  await ned.person.submit('/logout/everywhere', {}, '/account');
  await ned.banner.getByText('Your session has ended.').waitFor();
  await ned.say('said too late');
  await ned.message('said too late').getByText(/until you sign in again/).waitFor();
  await ned.composer.fill('another half');

  await ned.banner.getByRole('button', { name: 'Sign in again' }).click();
  const dialog = ned.page.getByRole('dialog', { name: 'Sign in again' });
  assert.equal(await dialog.getByLabel('Name').inputValue(), 'ned-eight');
  await dialog.getByLabel('Password').fill('not the right one');
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await dialog.getByRole('alert').getByText(/password/i).waitFor();
  await dialog.getByLabel('Password').fill(password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await ned.connected();
  await ned.sees('said too late');
  assert.equal(await ned.composer.inputValue(), 'another half');
  await second.locator('#line[data-state="live"]').waitFor({ state: 'attached' });

  await ned.page.getByRole('button', { name: 'Sign out' }).click();
  await ned.page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('who signs in instead of somebody else gets a page of their own', async () => {
  await stage.server.signUp('una');
  const ned = await stage.enter('ned-nine', { forgive: [/40[01]/] });
  await ned.person.submit('/logout/everywhere', {}, '/account');
  await ned.banner.getByRole('button', { name: 'Sign in again' }).click();
  const dialog = ned.page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('una');
  await dialog.getByLabel('Password').fill(password);
  await dialog.getByRole('button', { name: 'Sign in' }).click();
  await dialog.getByText('You are signed in as una').waitFor();
  await dialog.getByRole('link', { name: 'Load the page' }).click();
  await ned.page.getByRole('link', { name: 'Your account: una' }).waitFor();
});

test('a page of somebody else than is signed in now sends nothing in their name', async () => {
  const zoe = await stage.server.signUp('zoe');
  const ned = await stage.enter('ned-ten', { forgive: [unreachable] });
  const context = ned.page.context();
  await context.setOffline(true);
  await ned.say('from ned, and nobody else');
  await ned.message('from ned, and nobody else').waitFor();
  await context.addCookies(zoe.cookies);
  await context.setOffline(false);
  await ned.banner.getByText('Somebody else has signed in in this browser.').waitFor();
  await ned.banner.getByRole('link', { name: 'Back to the rooms' }).click();
  await ned.page.getByRole('link', { name: 'Your account: zoe' }).waitFor();
  await ned.connected();
  assert.doesNotMatch(await ned.page.content(), /from ned, and nobody else/);
});
