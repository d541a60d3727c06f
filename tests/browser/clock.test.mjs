// Browsers whose clock is wrong: the server's clock decides what is still allowed.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Stage } from './stage.mjs';

let stage;

before(async () => { stage = await Stage.open(); });
afterEach(() => stage.clear());
after(() => stage.close());

for (const [name, hours] of [['ahead-2h', 2], ['ahead-2d', 48], ['behind-5h', -5]]) {
  test(`a message just sent can be edited: ${name}`, async () => {
    const person = await stage.server.signUp(name);
    const window = await stage.window(person);
    await window.page.addInitScript((ms) => {
      const real = Date.now;
      const Real = Date;
      globalThis.Date = class extends Real {
        constructor(...given) { given.length ? super(...given) : super(real() + ms); }
        static now() { return real() + ms; }
      };
    }, hours * 3_600_000);
    await window.open('/rooms/lobby');
    await window.say(`from ${name}`);
    await window.sees(`from ${name}`);
    await window.composer.press('ArrowUp');
    await window.page.locator('.editor textarea').fill(`corrected by ${name}`);
    await window.page.locator('.editor textarea').press('Control+Enter');
    await window.sees(`corrected by ${name}`);
    assert.equal(await window.log.locator('.day time').last().innerText(), 'Today');
  });
}
