// The second host: a forum with accounts, sessions, forms and middlewares of its own, that has the chat under
// /community/chat and a widget on its pages.

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { accessible, inEveryView } from './axe.mjs';
import { eventually, Stage, unreachable, Window } from './stage.mjs';

const binary = process.env.ROOMLINE_FORUM ?? path.join(path.dirname(fileURLToPath(import.meta.url)), '../out/forum');
const password = 'sawdust-and-glue'; // of the seed's accounts
const route = { path: '/community/chat/socket.io/' };
const chair = '/topics/1'; // public
const alarm = '/topics/4'; // of the keyholders

let stage;

before(async () => {
  stage = await Stage.open({ program: [binary], args: ['-requests=1000'] });
});
afterEach(() => stage.clear());
after(async () => {
  await stage.close();
  assert.doesNotMatch(stage.server.output, /level=WARN/);
});

/** Somebody of the seed, signed in in a browser of their own. */
async function member(name) {
  const person = stage.server.visitor(name);
  const answer = await person.submit('/signin', { name, password });
  assert.equal(answer.status, 303, `sign in of ${name}: ${answer.status}`);
  return person;
}

/** A window on a page with a widget, once the conversation stands in it. */
async function look(person, page, options) {
  const window = await stage.window(person, options);
  await window.page.goto(page);
  await window.log.getByRole('article').first().waitFor();
  return window;
}

/** The counter of unread messages in the head, 0 if there is none. */
async function unread(person) {
  const html = await (await person.fetch('/')).text();
  return Number(/id="unread">(\d+)</.exec(html)?.[1] ?? 0);
}

/** Opens a topic through the form and returns where it is. */
async function topic(person, category, title) {
  const answer = await person.submit(`/category/${category}`, { title, text: 'What do you think?' }, `/category/${category}/new`);
  assert.equal(answer.status, 303);
  const at = answer.headers.get('location');
  return { at, room: `topic-${at.split('/').pop()}` };
}

test('two members talk beside a topic, below the line that says who opened it', async () => {
  const nora = await look(await member('nora'), chair);
  const emil = await look(await member('emil'), chair);
  await nora.say('Is the old glue **brown**?');
  await emil.sees('brown');
  await emil.say('As toffee.');
  await nora.sees('As toffee.');
  const texts = await nora.texts();
  assert.deepEqual(texts, ['Nora opened this topic.', 'Is the old glue brown?', 'As toffee.']);
  await nora.page.goto('/');
  await nora.page.getByRole('row', { name: /The chair that came back/ }).getByText('As toffee.').waitFor();
});

test('a topic that is opened has its room at once, and it stands in no list', async () => {
  const emil = await member('emil');
  const { at, room } = await topic(emil, 'tools', 'A drawknife for the left hand');
  const window = await look(emil, at);
  await window.sees('Emil opened this topic.');
  const client = await emil.connect('/general', route);
  const { rooms } = await client.ok('room:list', {});
  assert.ok(!rooms.some(({ slug }) => slug === room), 'the room is listed');
});

test('a visitor reads along and is told how to write', async () => {
  const nora = await look(await member('nora'), chair);
  const visitor = await look(undefined, chair);
  await nora.say('For everybody to read.');
  await visitor.sees('For everybody to read.');
  assert.equal(await visitor.composer.filter({ visible: true }).count(), 0);
  await visitor.page.locator('roomline-chat').getByText('Sign in to write.').waitFor();
  assert.equal(await visitor.page.locator('roomline-chat').getByRole('link', { name: 'Sign in' }).getAttribute('href'), '/signin');
  const client = await stage.server.visitor().connect('/general', route);
  await client.ok('room:join', { room: 'topic-1' });
  const error = await client.refusal('message:send', { room: 'topic-1', id: crypto.randomUUID(), text: 'hello' });
  assert.equal(error.code, 'forbidden');
});

test('who has no key sees nothing of the keyholders’ topic, on no way', async () => {
  const nora = await member('nora');
  const keyholder = await look(nora, alarm);
  await keyholder.say('The spare is behind the meter, @Emil.');
  await keyholder.sees('The spare is behind the meter, @Emil.');
  for (const person of [await member('emil'), stage.server.visitor()]) {
    assert.equal((await person.fetch(alarm)).status, 404);
    const client = await person.connect('/general', route);
    for (const [event, request] of [
      ['room:join', {}], ['room:history', {}], ['room:search', { query: 'meter' }], ['room:read', { seq: 1 }],
      ['message:get', { seqs: [1, 2] }], ['message:send', { id: crypto.randomUUID(), text: 'in' }],
    ]) {
      const { code } = await client.refusal(event, { room: 'topic-4', ...request });
      assert.equal(code, 'not_found', event);
    }
    await client.ask('room:search', { query: 'meter' });
    const pages = await Promise.all(['/', '/visited', '/category/keyholders', '/community'].map(async (page) => (await person.fetch(page)).text()));
    assert.doesNotMatch(JSON.stringify(client.log) + pages.join(), /meter|alarm|keyholders/i);
    client.close();
  }
  const emil = await member('emil');
  await emil.fetch(chair);
  const before = await unread(emil);
  await keyholder.say('And the second one too.');
  await keyholder.sees('And the second one too.');
  assert.equal(await unread(emil), before);
});

test('who loses the key while they read is shown out at once', async () => {
  const olga = await member('olga');
  const emil = await member('emil');
  const { id } = (await (await olga.connect('/general', route)).ok('user:find', { query: 'Emil' })).users[0];
  await olga.submit(`/members/${id}/badge`, { on: 'true' }, '/members');
  const window = await look(emil, alarm, { forgive: [/404/] });
  await window.page.locator('#readers').getByText(/reading this/).waitFor();
  await olga.submit(`/members/${id}/badge`, { on: 'false' }, '/members');
  await window.page.locator('roomline-chat').getByText(/no longer in this room|not open to you/).waitFor();
  assert.equal(await window.composer.filter({ visible: true }).count(), 0);
  const keyholder = await (await member('nora')).connect('/general', route);
  await keyholder.ok('room:join', { room: 'topic-4' });
  await keyholder.send('topic-4', 'Now that he is gone.');
  assert.equal((await window.page.reload()).status(), 404);
  assert.doesNotMatch(await window.page.content(), /Now that he is gone/);
});

test('the head counts what was said in the topics that one visited, until it is read', async () => {
  const [nora, yusuf] = [await member('nora'), await member('yusuf')];
  const { at, room } = await topic(nora, 'repairs', 'A kettle that will not pour');
  const window = await look(yusuf, at);
  await eventually(async () => (await unread(yusuf)) === 0, 'what is in view is read');
  await window.page.goto('/');
  const client = await nora.connect('/general', route);
  await client.ok('room:join', { room });
  await client.send(room, 'Descale it first.');
  await client.send(room, 'With vinegar.');
  await window.page.reload();
  assert.equal(await window.page.locator('#unread').innerText(), '2');
  await window.page.getByRole('link', { name: /Visited/ }).click();
  await window.page.getByRole('listitem').filter({ hasText: 'A kettle' }).getByText('2').waitFor();
  await window.page.getByRole('link', { name: 'A kettle that will not pour' }).click();
  await window.sees('With vinegar.');
  await eventually(async () => (await unread(yusuf)) === 0, 'it is read');
});

test('the forum’s own events count who reads a topic, on the connection of the widget', async () => {
  const { at } = await topic(await member('emil'), 'tools', 'Chalk or pencil');
  const one = await look(await member('nora'), at);
  const says = (window, text) => window.page.locator('#readers').getByText(text, { exact: true }).waitFor();
  await says(one, 'You are the only one reading this');
  let lines = 0;
  const context = one.page.context();
  const page = await context.newPage();
  page.on('websocket', () => { lines += 1; });
  await page.goto(at);
  await says(one, '2 people are reading this');
  await says(new Window(page), '2 people are reading this');
  const three = await look(undefined, at);
  await says(one, '3 people are reading this');
  await three.page.goto('about:blank');
  await says(one, '2 people are reading this');
  await page.close();
  await says(one, 'You are the only one reading this');
  assert.equal(lines, 1, 'widget and forum share one connection');
});

test('signing out ends what the browser had open, and not what another has', async () => {
  const nora = await member('nora');
  const window = await look(nora, chair, { forgive: [/40[13]/] });
  const elsewhere = await look(await member('nora'), chair);
  const second = await window.page.context().newPage();
  await second.goto('/');
  await second.getByRole('button', { name: 'Sign out' }).click();
  await second.getByRole('link', { name: 'Sign in' }).first().waitFor();
  await window.page.locator('roomline-chat').getByText(/Your session has ended/).waitFor();
  await elsewhere.say('I am still here.');
  await elsewhere.sees('I am still here.');
  assert.doesNotMatch((await window.texts()).join(), /still here/);
});

test('a text that the forum does not want is refused with its words', async () => {
  const window = await look(await member('emil'), chair);
  await window.say('Come to my casino');
  await window.page.locator('roomline-chat').getByText(/does not carry advertising/).first().waitFor();
});

test('all of it works by polling, behind compress, limiter and csrf', async () => {
  const nora = await look(await member('nora'), chair, { webSocket: false });
  const emil = await look(await member('emil'), chair, { webSocket: false });
  await nora.say('Slowly, but it comes.');
  await emil.sees('Slowly, but it comes.');
  await emil.page.locator('#readers').getByText(/people are reading this/).waitFor();
  const answer = await stage.server.visitor().fetch('/', { headers: { 'accept-encoding': 'br' } });
  assert.equal(answer.headers.get('content-encoding'), 'br', 'pages are compressed');
});

test('the whole chat has a page of its own', async () => {
  const window = await stage.window(await member('nora'));
  await window.page.goto('/community');
  await window.page.locator('roomline-chat').getByText('Lobby').first().waitFor();
});

test('the forum’s style does not reach the widget, nor the widget’s the forum', async () => {
  const window = await look(await member('nora'), chair);
  const styles = await window.page.evaluate(() => {
    const style = (node, name) => getComputedStyle(node)[name];
    const inside = document.querySelector('roomline-chat').shadowRoot;
    const box = inside.querySelector('textarea');
    const outside = document.querySelector('.beside textarea');
    return {
      inside: [style(box, 'fontFamily'), style(box, 'boxSizing'), style(inside.querySelector('article'), 'borderTopWidth')],
      outside: [style(outside, 'fontFamily'), style(outside, 'boxSizing'), style(document.querySelector('article'), 'borderTopWidth')],
    };
  });
  assert.doesNotMatch(styles.inside[0], /Courier/);
  assert.deepEqual(styles.inside.slice(1), ['border-box', '0px']);
  assert.match(styles.outside[0], /Courier/);
  assert.deepEqual(styles.outside.slice(1), ['content-box', '1px']);
});

test('axe finds nothing on pages with a widget', async () => {
  const window = await look(await member('olga'), chair);
  for (const page of [chair, '/', '/community', '/members']) {
    await window.page.goto(page);
    if (page === chair) await window.log.getByRole('article').first().waitFor();
    if (page === '/community') await window.composer.waitFor();
    await inEveryView(window.page, (view) => accessible(window.page, `${page}, ${view}`));
  }
});

test('the forum stops in good order while people are there, and nobody’s words are lost', async () => {
  const nora = await member('nora');
  const window = await look(nora, chair, { forgive: [unreachable, /503/] });
  const polling = await look(await member('emil'), chair, { webSocket: false, forgive: [unreachable, /503/] });
  const { code, took } = await stage.server.stop();
  assert.equal(code, 0, stage.server.output);
  assert.ok(took < 10_000, `it took ${took} ms`);
  await window.say('Written while it was away.');
  await stage.server.restart();
  await window.sees('Written while it was away.');
  await polling.sees('Written while it was away.');
});
