// A message that is deleted while it is edited: the page says so, and keeps what was written.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Stage } from './stage.mjs';

let stage;
let olga;
let nora;
before(async () => {
  stage = await Stage.open();
  olga = await stage.server.signUp('olga'); // the owner
  nora = await stage.server.signUp('nora');
});
afterEach(() => stage.clear());
after(() => stage.close());

for (const { name, change, says } of [
  { name: 'changed', change: ' and more', says: 'The message you were editing is gone. Your text is kept here.' },
  { name: 'unchanged', change: '', says: 'The message you were editing is gone.' },
]) {
  test(`a message deleted while it is edited, ${name}`, async () => {
    const own = await nora.join('lobby');
    const text = `about to be deleted, ${name}`;
    const message = await own.send('lobby', text);
    const { page, composer } = await stage.enter('Nora', { person: nora });
    const row = page.locator('.message', { hasText: text });
    await row.waitFor();
    await composer.focus();
    await page.keyboard.press('ArrowUp');
    const editor = page.locator('.editor textarea');
    await editor.waitFor();
    await editor.press('End');
    if (change) await editor.pressSequentially(change);
    const deleted = await own.ask('message:delete', { room: 'lobby', seq: message.seq });
    assert.equal(deleted.ok, true);
    await page.getByText(says, { exact: true }).waitFor();
    assert.equal(await page.locator('.editor').count(), 0);
    assert.equal(await composer.inputValue(), change ? text + change : '');
    assert.equal(await composer.evaluate((node) => node === document.activeElement), true, 'the focus is in the composer');
  });
}
