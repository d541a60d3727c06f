// The links that moderators hand out: to make an account where that takes one, and to set a new password.

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { password, unlimited } from '../client/harness.mjs';
import { accessible, inEveryView } from './axe.mjs';
import { eventually, pictures, Stage } from './stage.mjs';

let stage, olga;

before(async () => {
  stage = await Stage.open({ args: [...unlimited, '--registration=invite'] });
  olga = await stage.server.signUp('olga');
});
afterEach(() => stage.clear());
after(() => stage.close());

/** Judges a page in every view, and keeps pictures of it. */
const judge = (page, name) => inEveryView(page, async (view) => {
  await accessible(page, `${name}-${view}`);
  await page.screenshot({ path: path.join(pictures, `links-${name}-${view}.png`), fullPage: true });
});

test('a link that was copied makes an account, once', async () => {
  const { page } = await stage.window(olga);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('/admin/invites');
  await judge(page, 'none');
  await page.getByLabel('Note').fill('the choir');
  await page.getByLabel('Good for').selectOption('A day');
  await page.getByRole('button', { name: 'Make a link' }).click();
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByText('Copied.').waitFor();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /\/signup\?invite=[\w-]{43}$/);
  assert.equal(await page.getByLabel('Invite link').inputValue(), link);
  await judge(page, 'made');

  const guest = await stage.window(undefined, { forgive: [/403/] });
  await guest.page.goto('/signup');
  await guest.page.getByText('By invitation').waitFor();
  await judge(guest.page, 'uninvited');
  await guest.page.goto(link);
  await guest.page.getByLabel('Name').fill('mira');
  await guest.page.getByLabel('Password', { exact: true }).fill(password);
  await guest.page.getByRole('button', { name: 'Create account' }).click();
  await guest.page.waitForURL('**/rooms/lobby');

  const late = await stage.window(undefined, { forgive: [/403/] });
  await late.page.goto(link);
  await late.page.getByText('used up').waitFor();
  await judge(late.page, 'used');
  await page.goto('/admin/invites');
  await page.getByText('0 of 1 left').waitFor();
});

test('a link for a new password ends what was open and leads to signing in', async () => {
  const made = await olga.submit('/admin/invites', { uses: '1', days: '7' }, '/admin/invites');
  const [, invite] = /signup\?invite=([\w-]{43})/.exec(await made.text());
  const nora = stage.server.visitor('nora');
  assert.equal((await nora.submit('/signup', { username: 'nora', password, invite }, '/login')).status, 303);
  const open = await stage.enter('nora', { person: nora });

  const { page } = await stage.window(olga);
  const number = await nora.fetch('/rooms/lobby').then((answer) => answer.text()).then((html) => /data-user-id="(\d+)"/.exec(html)[1]);
  await page.goto(`/admin/members/${number}`);
  await page.locator('#reset-reason').fill('Lost it.');
  await page.locator('#reset').getByRole('button', { name: 'Make a link' }).click();
  const link = await page.getByLabel('Link', { exact: true }).inputValue();
  assert.match(link, /\/reset\/[\w-]{43}$/);
  await judge(page, 'reset-made');

  const there = await stage.window(undefined, { forgive: [/404/] });
  await there.page.goto(link);
  await judge(there.page, 'reset');
  await there.page.getByLabel('New password').fill('nine owls in a barn');
  await there.page.getByRole('button', { name: 'Set password' }).click();
  await there.page.getByText('Your new password is set.').waitFor();
  await judge(there.page, 'reset-done');
  await there.page.getByLabel('Name').fill('nora');
  await there.page.getByLabel('Password', { exact: true }).fill('nine owls in a barn');
  await there.page.getByRole('button', { name: 'Sign in' }).click();
  await there.page.waitForURL('**/rooms/lobby');
  await eventually(async () => !(await open.page.locator('#line[data-state="live"]').count()), 'the old window is cut off');
  await there.page.goto(link);
  await there.page.getByText('This link does not work.').waitFor();
});
