// Where scroll bars take up space: a page that fits has none of its own.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Stage } from './stage.mjs';

let stage;
let nora;
before(async () => {
  stage = await Stage.open({ scrollbars: true });
  nora = await stage.server.signUp('nora'); // the owner
  const client = await nora.join('lobby');
  for (let i = 1; i <= 40; i++) await client.send('lobby', `message ${i}`);
});
afterEach(() => stage.clear());
after(() => stage.close());

const screens = {
  desktop: { viewport: { width: 1280, height: 800 } },
  narrow: { viewport: { width: 800, height: 700 } },
  phone: { viewport: { width: 390, height: 844 } },
  flat: { viewport: { width: 844, height: 390 } },
};

for (const [name, screen] of Object.entries(screens)) {
  test(`a chat page scrolls only its conversation: ${name}`, async () => {
    const window = await stage.window(nora, screen);
    for (const path of ['/rooms/lobby', '/rooms/lobby/3', '/admin']) {
      await window.page.goto(path);
      await window.page.locator('.log').waitFor();
      const { scroll, inner, wide, width } = await window.page.evaluate(() => ({
        scroll: document.documentElement.scrollHeight, inner: innerHeight,
        wide: document.documentElement.scrollWidth, width: document.documentElement.clientWidth,
      }));
      assert.ok(scroll <= inner, `${path}: ${scroll} px in ${inner}`);
      assert.ok(wide <= width, `${path}: ${wide} px wide in ${width}`);
    }
  });
}
