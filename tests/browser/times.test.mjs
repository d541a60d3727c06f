// The time beside a grouped message is seen whole, in every locale.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Stage } from './stage.mjs';

let stage;
let nora;
before(async () => {
  stage = await Stage.open();
  nora = await stage.server.signUp('nora');
  const client = await nora.join('lobby');
  for (const text of ['one', 'two', 'three']) await client.send('lobby', text);
});
afterEach(() => stage.clear());
after(() => stage.close());

// Each zone is one in which it is ten, eleven or twelve o'clock now, so that the time has two digits.
const zoneAtTen = (() => {
  const offset = (34 - new Date().getUTCHours()) % 24; // hours east, until 10 am or pm
  return `Etc/GMT${offset > 12 ? `+${24 - offset}` : `-${offset}`}`;
})();

for (const locale of ['en-US', 'zh-TW', 'ko-KR', 'ar-EG', 'de-DE', 'hi-IN', 'es-US']) {
  for (const width of [1280, 700]) {
    test(`the time of a grouped message is not cut off: ${locale}, ${width} px`, async () => {
      const window = await stage.enter('Nora', { person: nora, locale, timezoneId: zoneAtTen, viewport: { width, height: 800 } });
      const row = window.page.locator('.message.is-grouped', { hasText: 'two' });
      await row.waitFor();
      const seen = await row.locator('.message__time').evaluate((time) => {
        const range = document.createRange();
        range.selectNodeContents(time);
        const text = range.getBoundingClientRect();
        const row = time.closest('.message').getBoundingClientRect();
        const body = time.closest('.message').querySelector('.message__body').getBoundingClientRect();
        return { words: time.textContent, left: text.left - row.left, right: body.left - text.right, top: text.top - row.top, below: row.bottom - text.bottom };
      });
      assert.match(seen.words.normalize('NFKC'), /\p{Nd}{2}\P{Nd}+\p{Nd}{2}/u, 'the hour has two digits');
      for (const side of ['left', 'right', 'top', 'below']) assert.ok(seen[side] >= 0, `${side} in ${JSON.stringify(seen)}`);
    });
  }
}
