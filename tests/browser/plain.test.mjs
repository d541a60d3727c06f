// The site without JavaScript: the same words reach the same people.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { password } from '../client/harness.mjs';
import { Stage } from './stage.mjs';

let stage;

before(async () => {
  stage = await Stage.open();
  await stage.server.signUp('olga');
});
afterEach(() => stage.clear());
after(() => stage.close());

test('without JavaScript one signs up, posts, edits, deletes and signs out', async () => {
  const ben = await stage.enter('ben');
  const ada = await stage.window(null, { javaScriptEnabled: false });
  const { page } = ada;

  await ada.signUp('ada');
  await ada.composer.fill('Posted by a plain form');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.waitForURL('**/rooms/lobby*');
  await ada.message('Posted by a plain form').waitFor();
  await ben.sees('Posted by a plain form');

  await ada.message('Posted by a plain form').hover();
  await ada.message('Posted by a plain form').getByRole('link', { name: 'Edit' }).click();
  await page.getByLabel('Message', { exact: true }).fill('Edited by a plain form');
  await page.getByRole('button', { name: 'Save' }).click();
  await ada.message('Edited by a plain form').waitFor();
  await ben.sees('Edited by a plain form');

  await ada.message('Edited by a plain form').hover();
  await ada.message('Edited by a plain form').getByRole('button', { name: 'Delete' }).click();
  await ada.log.getByText('Message deleted').waitFor();
  await ben.message('Edited by a plain form').waitFor({ state: 'detached' });

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.goto('/rooms/lobby');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('without JavaScript a refused form keeps what was typed and says what is wrong', async () => {
  const ada = await stage.window(null, { javaScriptEnabled: false, forgive: [/status of 403/] });
  await ada.page.goto('/login');
  await ada.page.getByLabel('Name').fill('nobody-here');
  await ada.page.getByLabel('Password', { exact: true }).fill(password);
  await ada.page.getByRole('button', { name: 'Sign in' }).click();
  await ada.page.getByRole('alert').waitFor();
  assert.equal(await ada.page.getByLabel('Name').inputValue(), 'nobody-here');
});

test('without JavaScript older messages are a link away', async () => {
  const olga = await stage.server.signUp('olga-two');
  const client = await olga.join('lobby');
  for (let n = 1; n <= 60; n++) await client.send('lobby', `line ${n}`);
  const ada = await stage.window(olga, { javaScriptEnabled: false });
  await ada.page.goto('/rooms/lobby');
  await ada.message('line 60').waitFor();
  await ada.page.getByRole('link', { name: 'Earlier messages' }).click();
  await ada.message('line 1').waitFor();
  assert.equal(await ada.message('line 60').count(), 0);
});
