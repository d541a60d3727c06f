// Fingers: taps on messages press nothing that is not seen.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Stage } from './stage.mjs';

let stage;
let nora;
before(async () => {
  stage = await Stage.open();
  nora = await stage.server.signUp('nora');
});
afterEach(() => stage.clear());
after(() => stage.close());

const screens = {
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  // Its main pointer hovers: hasTouch would take that away.
  'laptop with a touch screen': { viewport: { width: 1280, height: 800 } },
};

/** A finger, also where the browser was not told that there is one. */
async function finger(page) {
  const session = await page.context().newCDPSession(page);
  return async (x, y) => {
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x, y }] });
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  };
}

for (const [name, screen] of Object.entries(screens)) {
  test(`a tap on a message presses nothing: ${name}`, async () => {
    const texts = ['first', 'second', 'third'].map((text) => `${text} on a ${name}`);
    const client = await nora.join('lobby');
    for (const text of texts) await client.send('lobby', text);
    const { page } = await stage.enter('Nora', { person: nora, ...screen });
    const rows = page.locator('.message', { hasText: `on a ${name}` });
    await rows.nth(2).waitFor();
    const tap = await finger(page);
    const writes = [];
    page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => writes.push(String(payload))));
    for (const text of texts) {
      const row = rows.filter({ hasText: text });
      const box = await row.boundingBox();
      for (let x = box.x + box.width - 16; x > box.x + box.width - 200; x -= 28) {
        for (const y of [box.y + 2, box.y + 10, box.y + box.height - 4]) {
          const link = await page.evaluate(([x, y]) => document.elementFromPoint(x, y)?.closest('a, .reaction') !== null, [x, y]);
          if (link) continue; // seen, and pressed on purpose
          await tap(x, y);
          assert.equal(await page.locator('.actions:visible').count(), 0, `no bar after a tap at ${x}, ${y}`);
        }
      }
    }
    assert.equal(await page.locator('dialog[open], .is-editing, #reply:visible').count(), 0, 'nothing was opened');
    assert.equal(await rows.count(), 3);
    assert.deepEqual(writes.filter((frame) => /"message:|"typing"/.test(frame)), []);
  });
}

test('after a finger a mouse and the keyboard still get the bar', async () => {
  const client = await nora.join('lobby');
  await client.send('lobby', 'for every pointer');
  const { page } = await stage.enter('Nora', { person: nora, ...screens['laptop with a touch screen'] });
  const row = page.locator('.message', { hasText: 'for every pointer' });
  await row.waitFor();
  const box = await row.boundingBox();
  const tap = await finger(page);
  await tap(box.x + box.width / 2, box.y + box.height / 2);
  assert.equal(await row.locator('.actions').isVisible(), false);
  await page.mouse.move(box.x + 40, box.y + 8);
  await page.mouse.move(box.x + 60, box.y + 10);
  await row.locator('.actions').waitFor();
});

test('a keyboard on a tablet gets the bar', async () => {
  const client = await nora.join('lobby');
  await client.send('lobby', 'for every keyboard');
  const { page } = await stage.enter('Nora', { person: nora, ...screens.phone });
  const row = page.locator('.message', { hasText: 'for every keyboard' });
  await row.waitFor();
  await row.focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowDown');
  await row.locator('.actions').waitFor();
});
