// A day in the life: everything that people do, one after the other, on the desk and on the phone. At its
// end every browser shows what the server has.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually, Stage, unreachable } from './stage.mjs';

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const notes = 560; // in the garden, before the day begins

let stage, olga, emil, emils;

before(async () => {
  stage = await Stage.open();
  olga = await stage.server.signUp('olga');
  const client = await olga.connect('/general');
  for (const name of ['Workshop', 'Garden']) await client.ok('room:create', { name });
  await client.ok('room:join', { room: 'garden' });
  for (let n = 1; n <= notes; n += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, i) => client.send('garden', `note ${n + i}`)));
  }
  emil = await stage.server.signUp('Emil');
  emils = await emil.connect('/general');
  await emils.ok('room:join', { room: 'workshop' });
});
after(() => stage.close());

/** The row whose own text, not its quote, is this. */
const row = (window, text) => window.log.locator('article').filter({
  has: window.page.locator('.message__text').getByText(text, { exact: true }),
});

const entry = (window, name) => window.page.locator('#rooms .rail__room').filter({ hasText: name });

/** What the page shows of a room, row by row. */
const shown = (window) => window.log.locator('article[data-message]').evaluateAll((rows) => rows.map((r) => ({
  seq: Number(r.id.slice(1)),
  text: r.classList.contains('is-deleted') ? null : r.querySelector('.message__text').textContent.trim(),
  who: r.querySelector('.message__who').textContent,
  reactions: [...r.querySelectorAll('.reactions button[aria-pressed]')].map((b) => b.textContent.replace(/\s+/g, '')),
  quotes: Number(r.querySelector('.quote')?.dataset.seq ?? 0),
})));

/** The same of what the server has from a message on. */
async function stored(room, from) {
  const { messages } = await emils.ok('room:history', { room, after: from - 1, limit: 100 });
  return messages.map(({ seq, text, html, author, reactions = [], replyTo = 0, deletedAt }) => ({
    seq,
    text: deletedAt ? null : (html ?? text).replace(/<[^>]+>/g, ''),
    who: author.name,
    reactions: reactions.map(({ emoji, users }) => `${emoji}${users.length}`),
    quotes: replyTo,
  }));
}

/** The last fifty messages that a page shows are those that the server has. */
async function agrees(window, room) {
  let page, server;
  await eventually(async () => {
    page = (await shown(window)).slice(-50);
    server = await stored(room, page[0].seq);
    return JSON.stringify(page) === JSON.stringify(server);
  }, `the page shows of ${room} what the server has`).catch(() => assert.deepEqual(page, server));
}

test('a day in the life', async () => {
  // In the morning, on the desk: an account, and three rooms.
  const desk = await stage.window(null, { forgive: [unreachable] });
  await desk.signUp('Nora');
  await desk.connected();
  await desk.say('Good morning, I am new here');
  await desk.sees('Good morning, I am new here');
  for (const name of ['Workshop', 'Garden']) {
    await entry(desk, name).click();
    await desk.page.getByRole('heading', { level: 1, name }).waitFor();
    await desk.connected();
  }
  await desk.sees(`note ${notes}`);

  // She is mentioned elsewhere, and sees so at once.
  await emils.send('workshop', 'Who has the small saw?');
  await emils.send('workshop', '**@Nora**, is the small saw with you? :saw:');
  await eventually(async () => /@1/.test(await entry(desk, 'Workshop').innerText()), 'the mention is marked');
  assert.match(await desk.page.title(), /^\(1\) /);

  // She answers from the phone, with a quote, out of the menu of a long press.
  const cookies = await desk.page.context().cookies();
  const train = await stage.window({ cookies }, { ...phone, forgive: [unreachable] });
  await train.open('/rooms/workshop');
  const asked = train.log.locator('article', { hasText: 'is the small saw with you?' }).last();
  await asked.locator('.mention.is-me').waitFor();
  const box = await asked.locator('.message__text').boundingBox();
  const touch = await train.page.context().newCDPSession(train.page);
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: box.x + 8, y: box.y + 8 }] });
  const sheet = train.page.getByRole('dialog', { name: 'Actions of this message' });
  await sheet.waitFor();
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await sheet.getByText('Reply').click();
  await train.composer.fill('It is, I bring it at noon');
  await train.page.getByRole('button', { name: 'Send' }).click();
  await train.sees('It is, I bring it at noon');
  assert.match(await row(train, 'It is, I bring it at noon').locator('.quote').innerText(), /Emil[^]*is the small saw with you\?/);
  await eventually(async () => !/@/.test(await entry(desk, 'Workshop').innerText()), 'read on the phone is read on the desk');

  // The train is in a tunnel while she writes two messages.
  await train.page.context().setOffline(true);
  await eventually(async () => /offline/i.test(await train.banner.innerText()), 'the banner says offline');
  for (const text of ['Written in the tunnel', 'And this too']) {
    await train.composer.fill(text);
    await train.page.getByRole('button', { name: 'Send' }).click();
    await train.message(text).waitFor();
  }
  const missed = await emils.send('workshop', 'You are in the tunnel again');
  assert.equal(await row(train, 'And this too').getAttribute('data-message'), null, 'it waits');
  await train.page.context().setOffline(false);
  for (const text of ['You are in the tunnel again', 'Written in the tunnel', 'And this too']) await train.sees(text);
  await eventually(async () => (await train.banner.innerText()).trim() === '', 'the banner is gone');
  const texts = (await stored('workshop', missed.seq)).map(({ text }) => text);
  assert.deepEqual(texts, ['You are in the tunnel again', 'Written in the tunnel', 'And this too']);
  await agrees(train, 'workshop');

  // On the desk again: five hundred messages up, and back at once.
  const log = desk.page.locator('#log');
  await eventually(async () => {
    await log.evaluate((element) => { element.scrollTop = 0; });
    return (await row(desk, 'note 30').count()) > 0;
  }, 'five hundred messages up');
  assert.ok((await desk.log.locator('article').count()) <= 320, 'the page holds no more than its window');
  await emils.ok('room:join', { room: 'garden' });
  await emils.send('garden', 'Said while she reads the old');
  const jump = desk.page.locator('#jump');
  await eventually(async () => /1/.test(await jump.innerText()), 'the jump counts what is new');
  await jump.click();
  await desk.sees('Said while she reads the old');
  await agrees(desk, 'garden');

  // A search leads to an old note.
  await desk.page.getByRole('link', { name: 'Search this room' }).first().click();
  await desk.page.getByRole('searchbox').fill('"note 77"');
  await desk.page.getByRole('searchbox').press('Enter');
  await desk.page.locator('.result__text mark').first().waitFor();
  await desk.page.locator('.result__open').first().click();
  await desk.connected();
  await row(desk, 'note 77').and(desk.page.locator('.is-focus')).waitFor();

  // She edits, reacts and deletes.
  await desk.open('/rooms/workshop');
  await desk.composer.press('ArrowUp');
  const editor = desk.page.getByRole('textbox', { name: 'Edit your message' });
  await editor.fill('And this *too*');
  await editor.press('Enter');
  await desk.log.locator('em', { hasText: 'too' }).waitFor();
  await row(desk, 'You are in the tunnel again').hover();
  await row(desk, 'You are in the tunnel again').getByRole('button', { name: 'React' }).click();
  const search = desk.page.getByRole('combobox', { name: 'Search emoji' });
  await search.pressSequentially('train');
  await desk.page.getByRole('option').first().waitFor();
  await search.press('Enter');
  await row(desk, 'You are in the tunnel again').locator('.reactions button').first().waitFor();
  await row(desk, 'Written in the tunnel').hover();
  await row(desk, 'Written in the tunnel').getByRole('button', { name: 'Delete' }).click();
  await desk.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await row(train, 'Written in the tunnel').waitFor({ state: 'detached' });

  // In the evening all agree, and she signs out.
  for (const window of [desk, train]) await agrees(window, 'workshop');
  await train.page.close();
  await desk.page.getByRole('button', { name: 'Sign out' }).click();
  await desk.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await stage.clear();
});
