// Who may see what, and that everybody can use it: by keyboard alone, and in the judgement of axe.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { password } from '../client/harness.mjs';
import { accessible, inEveryView } from './axe.mjs';
import { eventually, Stage } from './stage.mjs';

let stage, olga, mira;

before(async () => {
  stage = await Stage.open();
  olga = await stage.server.signUp('olga');
  mira = await stage.server.signUp('mira');
  const client = await mira.join('lobby');
  await client.send('lobby', 'Good morning. Is https://example.org/ the right address?');
  const { seq } = await client.send('lobby', 'Never mind');
  await client.ok('message:delete', { room: 'lobby', seq });
  await client.send('lobby', 'שלום, and שלום again');
  const said = await client.send('lobby', '**All** of it, @olga: `code`, a [link](https://example.org/)\n> a quote\n1. a list\n```\nmore code\n```');
  await client.ok('message:react', { room: 'lobby', seq: said.seq, emoji: '🎉', on: true });
  await client.send('lobby', 'Really', { replyTo: said.seq });
  await client.send('lobby', 'To nothing', { replyTo: seq });
  client.close();
  const owner = await olga.join('lobby');
  await owner.ok('room:create', { name: 'Attic' });
  owner.close();
});
afterEach(() => stage.clear());
after(() => stage.close());

test('the owner sees a link to the moderators’ room and talks there', async () => {
  const window = await stage.enter('olga', { person: olga });
  await window.page.getByRole('link', { name: /moderators/i }).click();
  await window.page.waitForURL('**/admin');
  await window.connected();
  await window.say('for moderators only');
  await window.sees('for moderators only');
});

test('a member sees no such link, and the page does not exist for them', async () => {
  const window = await stage.enter('mira', { person: mira, forgive: [/404/] });
  assert.equal(await window.page.getByRole('link', { name: /moderators/i }).count(), 0);
  const answer = await window.page.goto('/admin');
  assert.equal(answer.status(), 404);
  assert.equal((await window.page.content()).includes('for moderators only'), false);
});

test('signing out everywhere ends the chat in the other browser', async () => {
  const person = await stage.server.signUp('dora');
  const elsewhere = await person.elsewhere();
  const here = await stage.enter('dora', { person, forgive: [/401/] });
  const there = await stage.enter('dora', { person: elsewhere, forgive: [/401/] });
  await here.page.goto('/account');
  await here.page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await here.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await eventually(async () => /\/login/.test(there.page.url()) || /sign/i.test(await there.banner.innerText()),
    'the other browser says that it is signed out');
  const client = await olga.join('lobby');
  const { seq } = await client.send('lobby', 'dora does not hear this');
  await client.hear('message', (message) => message.seq === seq);
  assert.equal(await there.message('dora does not hear this').count(), 0);
});

test('a chat is possible by keyboard alone', async () => {
  const { page } = await stage.window();
  const focused = () => page.evaluate(() => {
    const element = document.activeElement;
    return element.getAttribute('aria-label') ?? element.getAttribute('name') ?? element.id;
  });
  const tabTo = async (wanted, key = 'Tab') => {
    for (let n = 0; n < 40; n++) {
      if ((await focused()) === wanted) return;
      await page.keyboard.press(key);
    }
    assert.fail(`${key} never reaches ${wanted}; it ends at ${await focused()}`);
  };

  await page.goto('/signup');
  await tabTo('username');
  await page.keyboard.type('kira');
  await tabTo('password');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/rooms/lobby');
  await page.locator('#line[data-state="live"]').waitFor({ state: 'attached' });

  await tabTo('text');
  await page.keyboard.type('first line');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('secnd line');
  await page.keyboard.press('Enter');
  const mine = page.locator('article.is-own[data-message]');
  await mine.getByText('secnd line').waitFor();

  assert.equal(await focused(), 'text', 'the focus is back in the box');
  await page.keyboard.press('ArrowUp');
  const editor = page.getByRole('textbox', { name: 'Edit your message' });
  await editor.waitFor();
  await page.keyboard.press('Escape');
  await editor.waitFor({ state: 'detached' });
  await tabTo('text', 'Shift+Tab');
  await page.keyboard.press('ArrowUp');
  await editor.waitFor();
  assert.equal(await editor.inputValue(), 'first line\nsecnd line');
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type('corrected');
  await page.keyboard.press('Enter');
  await mine.getByText('corrected').waitFor();

  await tabTo('text');
  await tabTo('Delete', 'Shift+Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  assert.equal(await mine.getByText('corrected').count(), 1, 'Escape deletes nothing');
  assert.equal(await focused(), 'Delete', 'the focus returns to where it was');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  for (let n = 0; n < 4 && (await page.evaluate(() => document.activeElement.id)) !== 'confirm-yes'; n++) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await mine.getByText('corrected').waitFor({ state: 'detached' });
});

describe('axe finds nothing', () => {
  // The name of a page → who looks at it and where it is.
  const pages = {
    'sign in': { path: '/login' },
    'sign up': { path: '/signup' },
    'the room': { person: () => mira, path: '/rooms/lobby', chat: true },
    'the moderators’ room': { person: () => olga, path: '/admin', chat: true },
    'the account': { person: () => mira, path: '/account' },
    'a new room': { person: () => olga, path: '/rooms/new' },
    'the settings of a room': { person: () => olga, path: '/rooms/lobby/settings' },
    'the queue of the moderators': { person: () => olga, path: '/admin/reports' },
    'a member, for moderators': { person: () => olga, path: '/admin/members/2' },
    'the filter': { person: () => olga, path: '/admin/filter' },
    'a new rule': { person: () => olga, path: '/admin/filter/new?kind=links' },
    'invites': { person: () => olga, path: '/admin/invites' },
    'a message, for moderators': { person: () => olga, path: '/rooms/lobby/1/moderate' },
    'reporting a message': { person: () => olga, path: '/rooms/lobby/1/report' },
    'editing': { person: () => mira, path: '/rooms/lobby/1/edit' },
    'a message in the middle': { person: () => mira, path: '/rooms/lobby/1', chat: true },
    'an empty room': { person: () => mira, path: '/rooms/attic', chat: true },
    'searching': { person: () => mira, path: '/search?q=again' },
    'a search that is refused': { person: () => mira, path: '/search?q=%22', forgive: [/400/] },
    'finding nothing': { person: () => mira, path: '/search?q=nowhere+to+be+found' },
    'not found': { person: () => mira, path: '/rooms/nowhere', forgive: [/404/] },
    'not allowed': { person: () => olga, path: '/rooms/lobby/1/edit', forgive: [/403/] },
  };

  for (const [name, { person, path, chat, forgive }] of Object.entries(pages)) {
    test(name, async () => {
      const window = await stage.window(person?.(), { forgive });
      if (chat) await window.open(path);
      else await window.page.goto(path);
      await inEveryView(window.page, (view) => accessible(window.page, view));
    });
  }
});

test('the first visitor of all, who becomes the owner, meets a page axe has nothing against', async () => {
  const fresh = await Stage.open();
  try {
    const window = await fresh.window();
    await window.page.goto('/signup');
    await window.page.getByText('owns the site').waitFor();
    await accessible(window.page, 'the first page of all');
    await fresh.clear();
  } finally {
    await fresh.close();
  }
});
