// Forced colours, paper and the narrowest screens.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Stage } from './stage.mjs';

let stage;
let nora;
before(async () => {
  stage = await Stage.open();
  nora = await stage.server.signUp('nora'); // the owner
  const emil = await stage.server.signUp('emil');
  const client = await emil.join('lobby');
  for (let i = 1; i <= 30; i++) await client.send('lobby', `message ${i}`);
});
afterEach(() => stage.clear());
after(() => stage.close());

test('forced colours draw no box around a message', async () => {
  const { page } = await stage.window(nora, { forcedColors: 'active' });
  await page.goto('/rooms/lobby');
  const row = page.locator('.message').last();
  await row.waitFor();
  const widths = await row.evaluate((node) => [getComputedStyle(node).borderTopWidth, getComputedStyle(node).borderBottomWidth]);
  assert.deepEqual(widths, ['0px', '0px']);
});

test('the print style shows the whole conversation without controls', async () => {
  const { page } = await stage.window(nora);
  await page.goto('/rooms/lobby');
  await page.locator('.message').last().waitFor();
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.composer').isVisible(), false);
  assert.equal(await page.locator('.rail').isVisible(), false);
  const { whole, shown } = await page.locator('.log').evaluate((node) => ({ whole: node.scrollHeight, shown: node.clientHeight }));
  assert.ok(whole <= shown, `${shown} of ${whole} px are printed`);
});

test('a room name is shown whole at 320 px', async () => {
  const { page } = await stage.window(nora, { viewport: { width: 320, height: 640 } });
  await page.goto('/rooms/new');
  await page.getByLabel('Name').fill('Designers and researchers');
  await page.getByRole('button', { name: 'Create room' }).click();
  const name = page.locator('#room-name');
  await name.waitFor();
  const { whole, shown } = await name.evaluate((node) => ({ whole: node.scrollWidth, shown: node.clientWidth }));
  assert.ok(whole <= shown, `${shown} of ${whole} px are shown`);
  await page.screenshot({ path: process.env.SHOT ?? 'tests/out/narrow.png' });
});
