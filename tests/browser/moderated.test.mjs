// What members meet of moderation: reporting, a mute, a ban, a frozen room, slow mode, review, rules.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { accessible } from './axe.mjs';
import { eventually, pictures, Stage, unreachable } from './stage.mjs';

let stage, olga, moderator, ben;

before(async () => {
  await mkdir(pictures, { recursive: true });
  stage = await Stage.open();
  olga = await stage.server.signUp('olga');
  moderator = await olga.connect('/admin');
  ben = await (await stage.server.signUp('ben')).join('lobby');
  const rules = {
    hold: { name: 'Sales', kind: 'words', action: 'hold', words: ['bargain'] },
    block: { name: 'Manners', kind: 'words', action: 'block', words: ['dreadful'] },
  };
  for (const rule of Object.values(rules)) await moderator.ok('rule:put', { rule: { id: 0, ...rule }, reason: 'for the tests' });
});
afterEach(() => stage.clear());
after(() => stage.close());

/** A room of its own, so that what is done to it is nobody else's business; its path, and Ben in it. */
async function room(name) {
  const owner = await olga.connect('/general');
  const { room: { slug } } = await owner.ok('room:create', { name });
  owner.close();
  await ben.ok('room:join', { room: slug });
  return { slug, path: `/rooms/${slug}`, act: (event, more) => moderator.ok(event, { room: slug, reason: 'for the test', ...more }) };
}

/** The id of the member of that name. */
async function idOf(name) {
  const { members } = await moderator.ok('member:list', { query: name });
  return members.find((member) => member.name === name).id;
}

const muted = (window) => window.page.locator('#muted');
const note = (window) => window.page.locator('#composer-note');
const dialog = (window) => window.page.getByRole('dialog', { name: 'Report this message' });
const status = (window, text) => window.message(text).locator('.status__words');
const action = (window, text, name) => ['link', 'button'].map((role) => window.message(text).getByRole(role, { name, exact: true }))
  .reduce((either, other) => either.or(other));
/** What is sent over the connections that the window opens from now on. */
function frames(window) {
  const sent = [];
  window.page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))));
  window.page.on('request', (request) => sent.push(request.postData() ?? ''));
  return sent;
}
const sends = (sent) => sent.join('\n').split('"message:send"').length - 1;
const gone = (locator) => locator.waitFor({ state: 'hidden' });
const focused = (locator) => eventually(() => locator.evaluate((node) => node === document.activeElement), 'the focus');

/** Judges the page, and keeps a picture of it. */
async function judge(window, name) {
  const asked = await window.page.locator('dialog[open]').count() > 0;
  await accessible(window.page, name, asked ? 'dialog[open]' : 'main');
  for (const [view, width, height] of [['desk', 1440, 900], ['phone', 390, 844]]) {
    await window.page.setViewportSize({ width, height });
    const overflow = await window.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(overflow <= 0, `${name}, ${view}: ${overflow} px wider than the window`);
    await window.page.screenshot({ path: path.join(pictures, `moderated-${name}-${view}.png`) });
  }
  await window.page.setViewportSize({ width: 1280, height: 720 });
}

test('a message is reported with the pointer, and the moderators get it', async () => {
  const ada = await stage.enter('ada');
  const { seq } = await ben.send('lobby', 'Watches, cheap');
  await ada.message('Watches, cheap').hover();
  await action(ada, 'Watches, cheap', 'Report').click();
  await dialog(ada).getByText('Watches, cheap').waitFor();
  await judge(ada, 'report');

  const send = dialog(ada).getByRole('button', { name: 'Report' });
  await send.click();
  await dialog(ada).getByRole('alert').getByText('Choose what is wrong with it.').waitFor();
  await dialog(ada).getByLabel('Something else').check();
  await send.click();
  await dialog(ada).getByRole('alert').getByText('Say what is wrong with it.').waitFor();
  await dialog(ada).getByLabel('In your words').fill('He sells watches');
  await dialog(ada).getByLabel('Spam').check();
  await send.click();
  await gone(dialog(ada));
  await note(ada).getByText('Thank you. The moderators have been told.').waitFor();
  const { reports } = await moderator.ok('report:list', { state: 'open' });
  assert.deepEqual(reports.find((report) => report.seq === seq).reasons.map(({ user, text }) => [user.name, text]), [['ada', 'Spam: He sells watches']]);

  await ada.say('and mine');
  await ada.sees('and mine');
  await ada.message('and mine').hover();
  assert.equal(await action(ada, 'and mine', 'Report').count(), 0, 'nobody reports themselves');
});

test('a message is reported with the keyboard alone, and the focus comes back', async () => {
  const ada = await stage.enter('ada-keys');
  await ben.send('lobby', 'Shoes, cheap');
  await ada.sees('Shoes, cheap');
  const { keyboard } = ada.page;
  const link = action(ada, 'Shoes, cheap', 'Report');
  await ada.message('Shoes, cheap').focus();
  for (let n = 0; n < 10 && !(await link.evaluate((node) => node === document.activeElement)); n++) await keyboard.press('Tab');
  await keyboard.press('Enter');
  await focused(dialog(ada).getByLabel('Spam'));
  await keyboard.press('Escape');
  await gone(dialog(ada));
  await focused(link);
  await keyboard.press('Enter');
  await focused(dialog(ada).getByLabel('Spam'));
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await note(ada).getByText('Thank you.').waitFor();
  await focused(link);
  const { reports } = await moderator.ok('report:list', { state: 'open' });
  assert.equal(reports[0].reasons[0].text, 'Harassment');
});

test('a report that cannot be taken says so in words', async () => {
  const ada = await stage.enter('ada-late', { forgive: [unreachable] });
  const { seq } = await ben.send('lobby', 'Hats, cheap');
  await ada.message('Hats, cheap').hover();
  await action(ada, 'Hats, cheap', 'Report').click();
  await dialog(ada).getByLabel('Off topic').check();
  await ben.ok('message:delete', { room: 'lobby', seq });
  await ada.message('Hats, cheap').waitFor({ state: 'detached' });
  await dialog(ada).getByRole('button', { name: 'Report' }).click();
  await dialog(ada).getByRole('alert').getByText(/^Not reported\. /).waitFor();
  await dialog(ada).getByRole('button', { name: 'Cancel' }).click();
  await gone(dialog(ada));
  assert.notEqual(await ada.page.evaluate(() => document.activeElement.tagName), 'BODY', 'the focus is somewhere');
});

test('on a touch screen the sheet of a row offers to report it', async () => {
  const ada = await stage.enter('ada-touch', { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } });
  await ben.send('lobby', 'Coats, cheap');
  await ada.sees('Coats, cheap');
  await ada.message('Coats, cheap').dispatchEvent('pointerdown', { pointerType: 'touch', clientX: 100, clientY: 100 });
  await ada.page.getByRole('dialog', { name: 'Actions of this message' }).getByRole('button', { name: 'Report' }).click();
  await dialog(ada).getByLabel('Spam').check();
  await dialog(ada).getByRole('button', { name: 'Report' }).click();
  await note(ada).getByText('Thank you.').waitFor();
});

test('a mute takes the box away and gives a reason, keeps the draft, and gives it back when it is lifted', async () => {
  const ada = await stage.enter('ada-muted', { locale: 'en-GB', timezoneId: 'Asia/Kolkata' });
  const sent = frames(ada);
  await ada.page.reload();
  await ada.connected();
  await ada.say('too much');
  await ada.sees('too much');
  await ben.send('lobby', 'what others say');
  await ada.sees('what others say');
  await ada.composer.pressSequentially('half a thought');
  const user = await idOf('ada-muted');
  const { member } = await moderator.ok('member:mute', { user, minutes: 30, reason: 'Too much of it' });
  await gone(ada.composer);
  const until = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Kolkata', hour: '2-digit', minute: '2-digit' }).format(new Date(member.mute.until));
  const words = new RegExp(`^You are muted until ([A-Z].* )?${until}\\. Reason: \\u2068?Too much of it\\u2069?$`, 'u');
  assert.match(await muted(ada).innerText(), words);
  await ada.page.locator('#announcer').getByText(/^You are muted until .*Too much of it/).waitFor();
  await focused(muted(ada));
  await judge(ada, 'muted');

  for (const name of ['React', 'Reply', 'Report']) {
    await ada.message('what others say').hover();
    assert.equal(await action(ada, 'what others say', name).isVisible(), false, name);
  }
  await ada.message('too much').hover();
  assert.equal(await action(ada, 'too much', 'Edit').isVisible(), false);
  assert.equal(await action(ada, 'too much', 'Delete').isVisible(), true, 'one may still take it back');
  await ben.send('lobby', 'still read');
  await ada.sees('still read');

  await ada.page.reload();
  await ada.connected();
  assert.match(await muted(ada).innerText(), words);
  assert.equal(await ada.composer.isVisible(), false);

  sent.length = 0;
  await moderator.ok('member:unmute', { user, reason: 'Enough' });
  await ada.composer.waitFor();
  assert.equal(await muted(ada).isVisible(), false);
  assert.equal(await ada.composer.inputValue(), 'half a thought');
  assert.deepEqual(sent.filter((frame) => frame.includes('typing')), [], 'nothing was said of a draft that nobody touched');
  await ada.page.locator('#announcer').getByText('You are no longer muted.').waitFor();
  await ada.composer.press('Enter');
  await ada.sees('half a thought');
});

test('a mute ends by itself', async () => {
  const ada = await stage.window(await stage.server.signUp('ada-short'));
  await ada.page.clock.install();
  await ada.open('/rooms/lobby');
  await moderator.ok('member:mute', { user: await idOf('ada-short'), minutes: 1, reason: 'A minute' });
  await gone(ada.composer);
  await ada.page.clock.fastForward(61_000);
  await ada.composer.waitFor();
});

test('who is muted while offline gets back what they wrote, and it is sent once', async () => {
  const ada = await stage.enter('ada-offline', { forgive: [unreachable] });
  const sent = frames(ada);
  const user = await idOf('ada-offline');
  await ada.page.context().setOffline(true);
  await eventually(async () => /offline/i.test(await ada.banner.innerText()), 'offline');
  await ada.say('from the tunnel');
  await moderator.ok('member:mute', { user, minutes: 30, reason: 'Meanwhile' });
  await ada.page.context().setOffline(false);
  await muted(ada).getByText('Meanwhile').waitFor();
  await note(ada).getByText('Not sent. What you wrote is kept.').waitFor();
  await ada.message('from the tunnel').waitFor({ state: 'detached' });
  assert.equal(sends(sent), 1);
  await moderator.ok('member:unmute', { user, reason: 'Enough' });
  await ada.composer.waitFor();
  assert.equal(await ada.composer.inputValue(), 'from the tunnel');
});

test('a ban says why and ends it: nothing is tried again, and the draft is kept', async () => {
  const ada = await stage.window(await stage.server.signUp('ada-banned'), { forgive: [/401/, unreachable] });
  await ada.page.clock.install();
  await ada.open('/rooms/lobby');
  const tries = [];
  ada.page.on('request', (request) => { if (request.url().includes('/socket.io/')) tries.push(request.url()); });
  ada.page.on('websocket', (socket) => tries.push(socket.url()));
  await ben.send('lobby', 'before the ban');
  await ada.sees('before the ban');
  await ada.composer.pressSequentially('unsaid');
  tries.length = 0;
  await moderator.ok('member:ban', { user: await idOf('ada-banned'), minutes: 60, reason: 'Once too often' });
  await ada.banner.getByText(/^You have been banned until .* Reason: .*Once too often/).waitFor();
  assert.equal(await ada.composer.isVisible(), false);
  await judge(ada, 'banned');
  await ada.message('before the ban').hover();
  for (const name of ['React', 'Reply', 'Report']) assert.equal(await action(ada, 'before the ban', name).isVisible(), false, name);
  for (let n = 0; n < 12; n++) await ada.page.clock.fastForward(10_000);
  assert.deepEqual(tries, []);
  const kept = await ada.page.evaluate(() => Object.entries(localStorage).filter(([key]) => key.includes('/draft/')).map(([, text]) => text));
  assert.deepEqual(kept, ['unsaid']);
});

test('a room freezes and thaws under those who are in it', async () => {
  const { slug, path, act } = await room('Ice');
  const ada = await stage.enter('ada-ice', { path });
  await ben.send(slug, 'before the frost');
  await ada.sees('before the frost');
  await ada.composer.pressSequentially('half');
  await act('room:freeze', { on: true });
  const line = ada.page.getByText('This room is frozen. Only moderators can write here now.').and(ada.page.locator(':visible')).first();
  await line.waitFor();
  assert.equal(await ada.composer.isVisible(), false);
  await judge(ada, 'frozen');
  await ada.message('before the frost').hover();
  assert.equal(await action(ada, 'before the frost', 'Reply').isVisible(), false);
  assert.equal(await action(ada, 'before the frost', 'Report').isVisible(), true);

  const boss = await stage.enter('olga', { person: olga, path });
  await boss.page.getByText('This room is frozen. Members cannot write here now.').waitFor();
  await boss.say('only I can');
  await ada.sees('only I can');

  await act('room:freeze', { on: false });
  await ada.composer.waitFor();
  assert.equal(await ada.composer.inputValue(), 'half');
  await focused(ada.composer);
  await gone(boss.page.locator('#frozen'));
});

test('in slow mode the button counts down; one may keep typing, and is told how long', async () => {
  const { path, act } = await room('Slow');
  const ada = await stage.window(await stage.server.signUp('ada-slow'));
  await ada.page.clock.install();
  await ada.open(path);
  const hint = ada.page.getByText('Slow mode: one message every 30 seconds.');
  await act('room:slow', { seconds: 30 });
  await hint.waitFor();
  await ada.say('the first');
  await ada.sees('the first');
  const button = ada.page.locator('.composer__send');
  await eventually(async () => Number(await button.innerText()) > 20, 'the countdown');
  await ada.say('the second');
  await note(ada).getByText(/^Not yet\. You can send again in \d+ seconds\.$/).waitFor();
  assert.equal(await ada.composer.inputValue(), 'the second');
  assert.match(await button.getAttribute('aria-label'), /^Send, in \d+ seconds$/);
  await judge(ada, 'slow');

  await ada.page.reload();
  await ada.connected();
  await hint.waitFor();
  await eventually(async () => Number(await button.innerText()) > 10, 'the countdown goes on');

  const boss = await stage.enter('olga', { person: olga, path });
  for (const text of ['no wait', 'for me']) await boss.say(text);
  await boss.sees('for me');
  assert.equal(await boss.page.getByText(/^Slow mode/).isVisible(), false);

  await act('room:slow', { seconds: 5 });
  await ada.page.getByText('one message every 5 seconds').waitFor();
  await eventually(async () => (await button.innerText()) === '', 'nobody waits longer than the room asks for');
  await ada.composer.press('Enter');
  await ada.sees('the second');
  await act('room:slow', { seconds: 0 });
  await gone(ada.page.getByText(/^Slow mode/));
  await ada.say('the third');
  await ada.sees('the third');
});

test('two messages that were written offline go one after the other in slow mode', async () => {
  const { path, act } = await room('Slow tunnel');
  await act('room:slow', { seconds: 3 });
  const ada = await stage.enter('ada-tunnel', { path, forgive: [unreachable] });
  await ada.page.context().setOffline(true);
  await eventually(async () => /offline/i.test(await ada.banner.innerText()), 'offline');
  for (const text of ['one', 'two']) await ada.say(text);
  await ada.page.context().setOffline(false);
  await ada.sees('one');
  await status(ada, 'two').getByText(/^Waiting\. It will be sent in \d s\.$/).waitFor();
  await ada.sees('two');
  assert.deepEqual((await ada.texts()).slice(-2), ['one', 'two']);
});

test('what a rule holds waits for its author alone, over a reload, and gets its place when it is approved', async () => {
  const { slug, path } = await room('Review');
  const ada = await stage.enter('ada-held', { path });
  const other = await stage.enter('cora-held', { path });
  const sent = frames(ada);
  await ada.page.reload();
  await ada.connected();
  await ada.say('A bargain for all');
  await status(ada, 'A bargain for all').getByText('Waiting for review. Others do not see it yet.').waitFor();
  assert.deepEqual(await ada.message('A bargain for all').getByRole('button').allInnerTexts(), ['Copy']);
  await ben.send(slug, 'said meanwhile');
  for (const window of [ada, other]) await window.sees('said meanwhile');
  assert.equal(await other.message('A bargain for all').count(), 0);
  assert.deepEqual(await ada.texts(), ['said meanwhile', 'A bargain for all'], 'what has no place yet stands at the end');
  await judge(ada, 'held');

  await ada.page.reload();
  await status(ada, 'A bargain for all').getByText('Waiting for review.').waitFor();
  await ada.connected();
  await ada.message('A bargain for all').getByRole('button', { name: 'Copy' }).waitFor();
  assert.equal(await ada.message('A bargain for all').count(), 1);
  const second = await stage.enter('ada-held', { person: ada.person, path });
  await status(second, 'A bargain for all').waitFor();

  const { reports } = await moderator.ok('report:list', { state: 'open' });
  const { id } = reports.find(({ kind, text }) => kind === 'held' && text === 'A bargain for all');
  await moderator.ok('report:resolve', { report: id, action: 'approve' });
  for (const window of [ada, second, other]) {
    await window.sees('A bargain for all');
    assert.deepEqual(await window.texts(), ['said meanwhile', 'A bargain for all']);
  }
  await ben.send(slug, 'said after');
  await ada.sees('said after');
  assert.deepEqual(await ada.texts(), ['said meanwhile', 'A bargain for all', 'said after']);
  assert.equal(sends(sent), 1);
});

test('what was not approved says why, until its author has seen it', async () => {
  const { path } = await room('Turned down');
  const ada = await stage.enter('ada-rejected', { path, permissions: ['clipboard-read', 'clipboard-write'] });
  await ada.say('Another bargain');
  await status(ada, 'Another bargain').waitFor();
  const { reports } = await moderator.ok('report:list', { state: 'open' });
  const { id } = reports.find(({ kind, text }) => kind === 'held' && text === 'Another bargain');
  await moderator.ok('report:resolve', { report: id, action: 'reject', note: 'Use the board in the hall.' });
  await status(ada, 'Another bargain').getByText('Not approved. Use the board in the hall.').waitFor();
  await judge(ada, 'rejected');
  const row = ada.message('Another bargain');
  assert.deepEqual(await row.getByRole('button').allInnerTexts(), ['Copy', 'Dismiss']);
  await ada.page.reload();
  await ada.connected();
  await status(ada, 'Another bargain').getByText('Not approved. Use the board in the hall.').waitFor();
  await row.getByRole('button', { name: 'Copy' }).click();
  assert.equal(await ada.page.evaluate(() => navigator.clipboard.readText()), 'Another bargain');
  await row.getByRole('button', { name: 'Dismiss' }).click();
  await row.waitFor({ state: 'detached' });
  await ada.page.reload();
  await ada.connected();
  assert.equal(await row.count(), 0);
});

test('what a rule blocks returns to the box with the reason', async () => {
  const ada = await stage.enter('ada-blocked');
  await ada.say('How dreadful');
  await note(ada).getByText(/^Not sent\. .*Manners/).waitFor();
  assert.equal(await ada.composer.inputValue(), 'How dreadful');
  await ada.message('How dreadful').waitFor({ state: 'detached' });
  await ada.composer.fill('How nice');
  await ada.composer.press('Enter');
  await ada.sees('How nice');
});

test('a message that a moderator restores is whole again', async () => {
  const ada = await stage.enter('ada-restored');
  const question = await ben.send('lobby', 'a question');
  const { seq } = await ben.send('lobby', 'taken down by mistake', { replyTo: question.seq });
  await ada.sees('taken down by mistake');
  await moderator.ok('message:delete', { room: 'lobby', seq, reason: 'a mistake' });
  await ada.message('taken down by mistake').waitFor({ state: 'detached' });
  await moderator.ok('message:restore', { room: 'lobby', seq, reason: 'a mistake' });
  await ada.sees('taken down by mistake');
  await ada.message('taken down by mistake').hover();
  await action(ada, 'taken down by mistake', 'Reply').waitFor();
  await ada.message('taken down by mistake').locator('.quote').getByText('a question').waitFor();
  assert.deepEqual((await ada.texts()).slice(-2), ['a question', 'taken down by mistake']);
});
