// A phone: the list of rooms is closed, and the keyboard is on the screen.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { eventually, Stage } from './stage.mjs';

const phone = { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } };
let stage, client;

before(async () => {
  stage = await Stage.open();
  client = await (await stage.server.signUp('olga')).connect('/general');
  await client.ok('room:create', { name: 'Attic' });
});
afterEach(() => stage.clear());
after(() => stage.close());

/** @param {string} text */
const inAttic = (text) => client.ok('message:send', { room: 'attic', id: crypto.randomUUID(), text });

test('the rooms button shows mentions in other rooms', async () => {
  const ned = await stage.enter('ned', phone);
  const button = ned.page.locator('#rooms-button');
  const mark = button.locator('.room__mentions');
  assert.equal(await mark.isVisible(), false);
  await inAttic('nobody in particular');
  await inAttic('@ned first');
  await ned.page.getByRole('button', { name: 'Rooms, 1 mention of you', exact: true }).waitFor();
  assert.equal(await mark.isVisible(), true);
  await inAttic('@ned second');
  await ned.page.getByRole('button', { name: 'Rooms, 2 mentions of you', exact: true }).waitFor();

  const plain = await (await stage.window(ned.person, { ...phone, javaScriptEnabled: false })).page;
  await plain.goto('/rooms/lobby');
  await plain.getByRole('button', { name: 'Rooms, 2 mentions of you', exact: true }).waitFor();

  await ned.open('/rooms/attic');
  await eventually(async () => (await button.getAttribute('aria-label')) === 'Rooms', 'mentions of the open room are not elsewhere');
  assert.equal(await mark.isVisible(), false);
});

for (const [what, options, label, lines] of [
  ['touch', phone, 'enter', 2],
  ['keyboard', {}, 'send', 1],
]) {
  test(`the label of Enter is what it does: ${what}`, async () => {
    const window = await stage.enter(`typing-${what}`, options);
    assert.equal(await window.composer.getAttribute('enterkeyhint'), label);
    await window.composer.fill('one');
    await window.composer.press('Enter');
    if (lines === 2) assert.equal(await window.composer.inputValue(), 'one\n');
    else await window.sees('one');
  });
}
