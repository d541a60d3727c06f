// What people say to a message: reactions, answers that quote it, mentions.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { eventually, Stage } from './stage.mjs';

let stage, nora, emil;

before(async () => {
  stage = await Stage.open();
  await stage.server.signUp('olga');
  [nora, emil] = [await stage.server.signUp('Nora'), await stage.server.signUp('Emil')];
});
afterEach(() => stage.clear());
after(() => stage.close());

/** The row whose own text, not its quote, is this. */
const row = (window, text) => window.log.locator('article').filter({
  has: window.page.locator('.message__text').getByText(text, { exact: true }),
});

test('two people react, and each sees who did', async () => {
  const [here, there] = [await stage.enter('Nora', { person: nora }), await stage.enter('Emil', { person: emil })];
  await here.say('The map is done');
  await there.sees('The map is done');

  await row(there, 'The map is done').hover();
  await row(there, 'The map is done').getByRole('button', { name: 'React' }).click();
  const search = there.page.getByRole('combobox', { name: 'Search emoji' });
  await search.pressSequentially('tada');
  await there.page.getByRole('option', { name: 'tada' }).waitFor();
  await search.press('Enter');
  await search.waitFor({ state: 'hidden' });
  await row(there, 'The map is done').getByRole('button', { name: '🎉 1: you', pressed: true }).waitFor();

  await row(here, 'The map is done').getByRole('button', { name: '🎉 1: Emil', pressed: false }).click();
  await row(here, 'The map is done').getByRole('button', { name: '🎉 2: Emil and you', pressed: true }).waitFor();
  await row(there, 'The map is done').getByRole('button', { name: '🎉 2: Nora and you', pressed: true }).click();
  await row(here, 'The map is done').getByRole('button', { name: '🎉 1: you', pressed: true }).click();
  for (const window of [here, there]) await window.log.locator('.reactions').waitFor({ state: 'detached' });

  await row(there, 'The map is done').getByRole('button', { name: 'React' }).click();
  await search.press('ArrowRight');
  const second = await there.page.locator('.picker__emoji[aria-selected="true"]').getAttribute('data-emoji');
  await search.press('Enter');
  await row(here, 'The map is done').getByRole('button', { name: `${second} 1: Emil` }).waitFor();
});

test('an answer quotes what it answers, as that now is', async () => {
  const [here, there] = [await stage.enter('Nora', { person: nora }), await stage.enter('Emil', { person: emil })];
  await here.say('Lunch at noon?');
  await there.sees('Lunch at noon?');
  await row(there, 'Lunch at noon?').hover();
  await row(there, 'Lunch at noon?').getByRole('link', { name: 'Reply' }).click();
  const chip = there.page.locator('#reply');
  await chip.getByText('Lunch at noon?').waitFor();
  await there.composer.pressSequentially('With ');
  await there.page.reload();
  await there.connected();
  await chip.getByText('Lunch at noon?').waitFor();
  await there.composer.press('End');
  await there.composer.pressSequentially('pleasure');
  await there.composer.press('Enter');
  await chip.waitFor({ state: 'hidden' });
  const quote = (window) => row(window, 'With pleasure').locator('.quote');
  for (const window of [here, there]) assert.match(await quote(window).innerText(), /Nora\s+Lunch at noon\?/);

  // The original goes out of the window, and is looked at by a click on the quote.
  const client = await nora.join('lobby');
  for (let n = 0; n < 60; n++) await client.send('lobby', `line ${n}`);
  const { seq } = await client.send('lobby', 'The end of it');
  const original = client.joined.messages.find(({ text }) => text === 'Lunch at noon?').seq;
  const answer = await client.send('lobby', 'From afar', { replyTo: original });
  await there.page.reload();
  await there.connected();
  assert.equal(await row(there, 'Lunch at noon?').count(), 0);
  await row(there, 'From afar').locator('.quote').click();
  await row(there, 'Lunch at noon?').and(there.page.locator('.is-focus')).waitFor();
  assert.ok(answer.seq > seq);

  await client.ok('message:edit', { room: 'lobby', seq: original, text: 'Lunch at one?' });
  await quote(there).getByText('Lunch at one?').waitFor();
  await row(here, 'From afar').locator('.quote').getByText('Lunch at one?').waitFor();
  await client.ok('message:delete', { room: 'lobby', seq: original });
  for (const window of [here, there]) {
    await eventually(async () => (await window.page.getByText(/Lunch at/).count()) === 0, 'the words are nowhere');
  }
  await row(here, 'From afar').locator('.quote').getByText('Message deleted').waitFor();
  await there.page.reload();
  await row(there, 'From afar').locator('.quote').getByText('Message deleted').waitFor();
});

test('a mention is completed by keyboard, and its row is marked for who is meant', async () => {
  const [here, there] = [await stage.enter('Nora', { person: nora }), await stage.enter('Emil', { person: emil })];
  await here.composer.pressSequentially('Hello @em');
  const list = here.page.getByRole('listbox', { name: 'Suggestions' });
  await list.getByRole('option', { name: 'Emil' }).waitFor();
  assert.equal(await here.composer.getAttribute('aria-activedescendant'), 'suggestion-0');
  await here.composer.press('Tab');
  await list.waitFor({ state: 'hidden' });
  assert.equal(await here.composer.inputValue(), 'Hello @Emil ');
  await here.composer.pressSequentially('and @ol');
  await list.waitFor();
  await here.composer.press('Escape');
  await list.waitFor({ state: 'hidden' });
  await here.composer.pressSequentially('ga :tad');
  await list.getByRole('option', { name: ':tada:' }).waitFor();
  await here.composer.press('Enter');
  await here.composer.press('Enter');

  const marked = there.log.locator('.is-mention').last();
  await marked.getByText('Hello @Emil and @olga 🎉').waitFor();
  assert.equal(await marked.locator('.mention.is-me').innerText(), '@Emil');
  assert.equal(await here.log.locator('.is-mention').count(), 0);
  await there.page.reload();
  assert.equal(await there.log.locator('.is-mention .mention.is-me').last().innerText(), '@Emil', 'the server marks it too');
});

test('without JavaScript one answers and joins in a reaction', async () => {
  const client = await emil.join('lobby');
  const { seq } = await client.send('lobby', 'Who brings the cake? **Anybody**');
  await client.ok('message:react', { room: 'lobby', seq, emoji: '🙏', on: true });
  const window = await stage.window(nora, { javaScriptEnabled: false });
  await window.page.goto('/rooms/lobby');
  const message = window.page.locator(`#m${seq}`);
  assert.equal(await message.locator('strong').innerText(), 'Anybody');
  await message.getByRole('button', { name: '🙏 1: Emil' }).click();
  await message.getByRole('button', { name: '🙏 2: Emil and you', pressed: true }).waitFor();
  await message.getByRole('link', { name: 'Reply' }).click();
  await window.page.locator('#reply').getByText('Who brings the cake? Anybody').waitFor();
  await window.composer.fill('I do');
  await window.page.getByRole('button', { name: 'Send' }).click();
  await row(window, 'I do').locator('.quote').getByText('Who brings the cake? Anybody').waitFor();
});

test('on a touch screen a long press opens the actions', async () => {
  const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
  const window = await stage.enter('Nora', { person: nora, ...phone });
  const client = await emil.join('lobby');
  await client.send('lobby', 'Press me');
  await window.sees('Press me');
  const box = await row(window, 'Press me').locator('.message__text').boundingBox();
  const touch = await window.page.context().newCDPSession(window.page);
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: box.x + 8, y: box.y + 8 }] });
  const sheet = window.page.getByRole('dialog', { name: 'Actions of this message' });
  await sheet.waitFor();
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  assert.equal(await sheet.getByRole('button', { name: 'Delete' }).count(), 0, 'it is another’s');
  await sheet.getByRole('button', { name: 'React with 👍' }).click();
  await row(window, 'Press me').getByRole('button', { name: '👍 1: you', pressed: true }).waitFor();
  assert.equal(await sheet.isVisible(), false);
});
