// The pages of moderators while they are open: what is new comes to them, and nothing that is typed is lost.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { accessible, inEveryView } from './axe.mjs';
import { company, offender, report } from './moderators.mjs';
import { eventually, pictures, Stage } from './stage.mjs';

let stage, mira, nora, emil;

before(async () => {
  await mkdir(pictures, { recursive: true });
  stage = await Stage.open();
  ({ mira, nora, emil } = await company(stage));
});
afterEach(() => stage.clear());
after(() => stage.close());

/** A page of moderators, open and connected. */
async function open(person, route, options) {
  const window = await stage.window(person, options);
  const connected = window.page.waitForEvent('websocket');
  await window.page.goto(route);
  await connected;
  return window;
}

const item = (window, text) => window.page.getByRole('article').filter({ hasText: text });
const badge = (window) => window.page.getByRole('navigation', { name: 'Moderation' }).getByRole('link', { name: /^Queue/ });

test('what is reported is told of in a line, comes when it is asked for, and is decided in its place', async () => {
  const window = await open(mira, '/admin/reports');
  await window.page.getByText('Nothing waits').waitFor();
  const { messages } = await offender(stage, 'Mallory', 'Watches, watches');
  await report(emil, messages[0], 'An advertisement');
  await window.page.getByRole('button', { name: '1 new' }).waitFor();
  await badge(window).getByText('1').waitFor();
  assert.equal(await item(window, 'Watches').count(), 0, 'nothing moves unasked');
  await window.page.getByRole('button', { name: '1 new' }).click();
  await item(window, 'Watches').getByText('An advertisement').waitFor();
  assert.equal(await window.page.getByText('Nothing waits').count(), 0);

  await item(window, 'Watches').getByLabel('Note').fill('No trade here');
  await item(window, 'Watches').getByRole('button', { name: 'Delete message' }).click();
  await item(window, 'Watches').getByText('by Mira').waitFor();
  await item(window, 'Watches').getByText('No trade here').waitFor();
  await badge(window).getByText('1').waitFor({ state: 'hidden' });
  assert.equal(new URL(window.page.url()).pathname, '/admin/reports', 'no other page was needed');
});

test('what another decides changes in its place; what is being typed stays while others report', async () => {
  const { messages } = await offender(stage, 'Trudy', 'Fools, all of you');
  await report(emil, messages[0], 'Rude');
  const [one, two] = [await open(mira, '/admin/reports'), await open(nora, '/admin/reports')];
  await item(one, 'Fools').getByLabel('Note').fill('half a sent');
  const other = await nora.join('lobby');
  await other.ok('message:report', { room: 'lobby', seq: messages[0].seq, reason: 'Really rude' });
  await item(one, 'Fools').getByText('Really rude').waitFor();
  assert.equal(await item(one, 'Fools').getByLabel('Note').inputValue(), 'half a sent');
  await item(two, 'Fools').getByRole('button', { name: 'Keep' }).click();
  await item(one, 'Fools').getByText('by Nora').waitFor();
  assert.equal(await item(one, 'Fools').getByRole('button', { name: 'Keep' }).count(), 0);
  await one.page.getByRole('status').getByText('About Trudy: Nora kept the message.').waitFor();
  assert.ok(await item(one, 'Fools').evaluate((node) => node === document.activeElement), 'who was in what was decided is at it');
  assert.equal(await two.page.getByRole('status').getByText('About Trudy').count(), 0, 'who decided hears it once');
});

test('the second moderator reads in the item what the first did', async () => {
  const { messages } = await offender(stage, 'Peggy', 'At the same time');
  await report(emil, messages[0]);
  const window = await open(mira, '/admin/reports');
  // The news of the first decision is held up on its way to the second moderator.
  let asked = false;
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  await window.page.route('**/admin/reports/*', async (route) => {
    asked = true;
    await held;
    await route.continue();
  });
  const client = await nora.connect('/admin');
  const { reports } = await client.ok('report:list', { state: 'open', limit: 1 });
  await client.ok('report:resolve', { report: reports[0].id, action: 'keep' });
  await eventually(() => asked, 'the item is asked for');
  await item(window, 'At the same time').getByRole('button', { name: 'Delete message' }).click();
  await window.page.getByRole('status').getByText('Nora kept the message already.').waitFor();
  release();
  await item(window, 'At the same time').getByText('by Nora').waitFor();
  await item(window, 'At the same time').getByText('Nora kept the message already.').waitFor();
  client.close();
});

test('the queue is walked and decided by keys', async () => {
  const { messages } = await offender(stage, 'Ivan', 'the first of two', 'the second of two');
  for (const message of messages) await report(emil, message);
  const { page } = await open(mira, '/admin/reports');
  const first = page.getByRole('article').filter({ hasText: 'the second of two' }); // the latest comes first
  const second = page.getByRole('article').filter({ hasText: 'the first of two' });
  const has = (node) => node.evaluate((element) => element === document.activeElement);
  for (let n = 0; n < 40 && !(await has(first)); n++) await page.keyboard.press('Tab');
  assert.ok(await has(first), 'Tab leads to the first item');
  await page.keyboard.press('j');
  assert.ok(await has(second));
  await page.keyboard.press('k');
  assert.ok(await has(first));
  await first.getByLabel('Note').focus();
  await page.keyboard.type('j4');
  assert.equal(await first.getByLabel('Note').inputValue(), 'j4', 'while one types they are letters');
  await first.focus();
  await page.keyboard.press('3');
  await first.getByText('by Mira').waitFor();
  await eventually(() => has(first), 'the focus stays at what was decided');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('4');
  await second.getByText('by Mira').waitFor();
});

test('the figures of the live page go on without a reload', async () => {
  const window = await open(mira, '/admin/live');
  const at = () => window.page.locator('#live-at').getAttribute('datetime');
  await eventually(async () => (await window.page.locator('[data-metric="messagesPerSecond"] polyline').getAttribute('points')) !== '', 'a line');
  const line = await at();
  await eventually(async () => (await at()) !== line, 'a sample of now');
  const one = await at();
  await eventually(async () => (await at()) !== one, 'the next');
  await window.page.locator('[data-metric="members"] [data-now]').getByText(/^\d+$/).waitFor();
});

test('a rule is tried while it is typed', async () => {
  const window = await open(mira, '/admin/filter/new?kind=words');
  await window.page.getByLabel('Words and phrases').fill('casino');
  await window.page.getByLabel('A text').fill('Come to the casino tonight');
  const result = window.page.locator('#try').getByRole('status');
  await result.getByText('The rule finds something: casino. This message would wait for review.').waitFor();
  await window.page.getByText('Refuse', { exact: true }).click();
  await result.getByText('This message would be refused.').waitFor();
  await window.page.getByLabel('A text').fill('Come to the theatre tonight');
  await result.getByText('The rule finds nothing in it.').waitFor();
  await window.page.getByRole('button', { name: 'Try' }).click();
  assert.equal(new URL(window.page.url()).pathname, '/admin/filter/new');
  await window.page.goto('/admin/filter/new?kind=pattern');
  await window.page.getByLabel('Regular expression').fill('(');
  await window.page.getByLabel('A text').fill('anything');
  await result.locator('span:not(:empty)').waitFor();
  assert.doesNotMatch(await result.innerText(), /finds/, 'what is wrong with it is said instead');
});

test('members are found while their name is typed', async () => {
  const window = await open(mira, '/admin/members');
  const names = () => window.page.locator('.roll__name bdi').allInnerTexts();
  assert.ok((await names()).includes('Olga'));
  await window.page.getByLabel('Name', { exact: true }).pressSequentially('nor');
  await eventually(async () => (await names()).join() === 'Nora', 'Nora alone');
  assert.equal(new URL(window.page.url()).search, '?q=nor');
  await window.page.getByLabel('Name', { exact: true }).pressSequentially('x');
  await window.page.getByText('Nobody’s name begins').waitFor();
  await window.page.getByLabel('Name', { exact: true }).fill('');
  await eventually(async () => (await names()).length > 3, 'all again');
});

test('new acts are told of above the log', async () => {
  const { id } = await offender(stage, 'Victor', 'soon silent');
  const window = await open(mira, '/admin/audit');
  const client = await nora.connect('/admin');
  await client.ok('member:mute', { user: id, minutes: 10, reason: 'For the log' });
  client.close();
  await window.page.getByRole('button', { name: '1 new act' }).click();
  await window.page.locator('[data-entry]').first().getByText('For the log').waitFor();
});

for (const [where, route] of [['in the moderators’ room', '/admin'], ['in a room where nothing was done yet', '/rooms/lobby']]) {
  test(`the number of open reports ${where} goes up and down while they come and are decided`, async () => {
    const window = await stage.enter('Mira', { person: mira, path: route });
    const number = window.page.locator('#open-reports');
    const before = await number.isVisible() ? Number(await number.locator('[data-count]').innerText()) : 0;
    const { messages } = await offender(stage, `Walter-${where.length}`, 'one more');
    await report(await stage.server.signUp(`Wendy-${where.length}`), messages[0]);
    await number.getByText(String(before + 1), { exact: true }).waitFor();
    const client = await nora.connect('/admin');
    const { reports } = await client.ok('report:list', { state: 'open', limit: 1 });
    await client.ok('report:resolve', { report: reports[0].id, action: 'keep' });
    await number.getByText(String(before), { exact: true }).waitFor({ state: before ? 'visible' : 'hidden' });
    client.close();
  });
}

test('the pages look as they should, and axe finds nothing', async () => {
  const { messages } = await offender(stage, 'Quentin', 'Something that is not nice, and goes on for a while so that it needs more than a line on a telephone');
  await report(emil, messages[0], 'Not nice');
  for (const route of ['reports', 'live', 'filter/new?kind=words', 'members', 'audit']) {
    const window = await open(mira, `/admin/${route}`);
    await inEveryView(window.page, async (view) => {
      const [column, form] = await window.page.evaluate(() => ['#reports', '.report__form'].map((part) => document.querySelector(part)?.offsetWidth));
      assert.equal(form, column, 'an item is as wide as the list');
      await accessible(window.page, `${route}, ${view}`);
      await window.page.screenshot({ path: path.join(pictures, `${route.replaceAll(/\W+/g, '-')}-${view}.png`) });
    });
    await window.page.context().close();
  }
});
