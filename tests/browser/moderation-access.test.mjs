// Moderating for everybody: by keyboard alone, on a phone, in the judgement of axe, and how it looks.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { accessible, inEveryView } from './axe.mjs';
import { card, company, note, offender, report, sheet } from './moderators.mjs';
import { eventually, pictures, Stage } from './stage.mjs';

let stage, olga, mira, nora, emil;

before(async () => {
  await mkdir(pictures, { recursive: true });
  stage = await Stage.open();
  ({ olga, mira, nora, emil } = await company(stage));
});
afterEach(() => stage.clear());
after(() => stage.close());

test('by keyboard alone a moderator deletes a message and decides a report, and is where they were', async () => {
  const { messages } = await offender(stage, 'Ivan', 'reported by key', 'deleted by key');
  const { page } = await stage.enter('Mira', { person: mira });
  const focused = () => page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.id);
  const press = async (...keys) => { for (const key of keys) await page.keyboard.press(key); };
  const tabTo = async (wanted, key = 'Tab') => {
    for (let n = 0; n < 30 && (await focused()) !== wanted; n++) await press(key);
    assert.equal(await focused(), wanted);
  };
  await page.locator(`#m${messages[1].seq}`).waitFor();
  await tabTo('composer-text');
  await tabTo('Moderate', 'Shift+Tab');
  await press('Enter');
  await page.locator('#acts[open]').waitFor();
  await tabTo('acts-reason');
  await page.keyboard.type('Spam');
  await press('Enter');
  await page.locator('#acts:not([open])').waitFor({ state: 'attached' });
  await page.locator(`#m${messages[1].seq}.is-deleted`).waitFor();
  assert.equal(await focused(), 'Moderate', 'the focus is back where it was');

  await report(emil, messages[0]);
  await page.goto('/admin');
  const item = page.locator('.card').filter({ hasText: 'reported by key' });
  await item.waitFor();
  await page.locator('#line[data-state="live"]').waitFor({ state: 'attached' });
  await tabTo('composer-text');
  await press('Shift+Tab');
  for (let n = 0; n < 10 && !(await page.evaluate(() => document.activeElement.matches('.message'))); n++) await press('Shift+Tab');
  await press('End');
  for (let n = 0; n < 10 && !(await item.evaluate((node) => document.activeElement.contains(node))); n++) await press('ArrowUp');
  await press('3');
  await item.getByText('Mira kept the message').waitFor();
  assert.ok(await item.evaluate((node) => document.activeElement === node.closest('.message')), 'the focus stays at the card');
});

test('who has reached somebody in the list by keyboard stays there while others come, and after the sheet', async () => {
  await offender(stage, 'Rupert', 'still here');
  const window = await stage.enter('Mira', { person: mira });
  const button = window.page.getByRole('button', { name: 'Moderate Rupert' });
  await button.focus();
  const has = () => button.evaluate((node) => node === document.activeElement);
  const { person } = await offender(stage, 'Steve', 'here now');
  await window.people.getByText('Steve').waitFor();
  await eventually(has, 'the focus is where it was');
  await window.page.keyboard.press('Enter');
  await sheet(window).waitFor();
  person.hangUp();
  await window.people.getByText('Steve').waitFor({ state: 'detached' });
  await window.page.keyboard.press('Escape');
  await eventually(has, 'the focus is where it was');
});

test('on a phone the sheet comes from below, in reach of the thumb', async () => {
  await offender(stage, 'Quentin', 'long press me');
  const window = await stage.enter('Mira', {
    person: mira, viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true,
  });
  const row = window.message('long press me');
  const { x, y } = await row.locator('.message__text').boundingBox();
  const touch = await window.page.context().newCDPSession(window.page);
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + 8, y: y + 8 }] });
  await window.page.locator('#sheet[open]').waitFor();
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await window.page.locator('#sheet').getByRole('button', { name: 'Moderate' }).tap();
  await sheet(window).waitFor();
  await sheet(window).getByText('Mute', { exact: true }).tap();
  const found = await window.page.evaluate(() => {
    const box = document.querySelector('#acts').getBoundingClientRect();
    const small = [...document.querySelectorAll('#acts :is(button, a, .chip, .acts__choice)')].filter((node) => node.checkVisibility())
      .filter((node) => node.getBoundingClientRect().height < 44).map((node) => node.outerHTML.slice(0, 90));
    return { bottom: box.bottom - window.innerHeight, left: box.left, wide: document.documentElement.scrollWidth - window.innerWidth, small };
  });
  assert.deepEqual(found, { bottom: 0, left: 0, wide: 0, small: [] });
  await window.page.screenshot({ path: path.join(pictures, 'acts-phone.png') });
  await sheet(window).getByRole('button', { name: 'Spam' }).tap();
  await sheet(window).getByRole('button', { name: 'Mute', exact: true }).tap();
  await note(window).getByText('Quentin is muted for 1 hour.').waitFor();
});

test('cards and sheet look as they should, and axe finds nothing', async () => {
  const { messages } = await offender(stage, 'Mallory-the-second', 'Cheap watches at https://watches.example/now and more of the same', 'Something else that is not nice');
  await report(emil, messages[0], 'An advertisement, and the third today');
  const client = await nora.join('lobby');
  await client.ok('message:report', { room: 'lobby', seq: messages[0].seq, reason: 'Spam' });
  await report(emil, messages[1], 'Rude');
  const window = await stage.enter('Mira', { person: mira, path: '/admin' });
  await window.say('I take the watches.');
  await card(window, 'not nice').getByRole('button', { name: 'Keep' }).click();
  await card(window, 'not nice').getByText('Mira kept the message').waitFor();
  await inEveryView(window.page, async (view) => {
    await accessible(window.page, `cards, ${view}`);
    await window.page.screenshot({ path: path.join(pictures, `cards-${view}.png`) });
    await card(window, 'watches').getByRole('button', { name: 'Delete and mute' }).click();
    await sheet(window).waitFor();
    await accessible(window.page, `deciding, ${view}`);
    await window.page.screenshot({ path: path.join(pictures, `decide-${view}.png`) });
    await window.page.keyboard.press('Escape');
  });
  await window.open('/rooms/lobby');
  await inEveryView(window.page, async (view) => {
    await window.page.locator(`#m${messages[0].seq}`).focus();
    await window.page.screenshot({ path: path.join(pictures, `lobby-${view}.png`) });
    await window.page.locator(`#m${messages[0].seq} [data-action="moderate"]`).click();
    await sheet(window).getByText('Mute', { exact: true }).click();
    await accessible(window.page, `sheet, ${view}`);
    await window.page.screenshot({ path: path.join(pictures, `acts-${view}.png`) });
    await window.page.keyboard.press('Escape');
  });
});

/** What leaves the window or its box sideways, and the place in the list of pages that is out of view. */
const strays = ({ page }) => page.evaluate(() => {
  const name = (node) => `${node.tagName} ${node.className}`;
  const found = [];
  if (document.documentElement.scrollWidth > window.innerWidth) found.push(`the page is ${document.documentElement.scrollWidth} px wide`);
  for (const node of document.querySelectorAll(document.querySelector('dialog[open]') ? 'dialog[open], dialog[open] *' : 'main *')) {
    if (!node.checkVisibility() || node.closest('.sr, svg, .mod-nav__list')) continue;
    const { left, right, width } = node.getBoundingClientRect();
    if (width < 2) continue;
    if (left < -1 || right > window.innerWidth + 1) found.push(`${name(node)} from ${left} to ${right}`);
    const { display, overflowX } = getComputedStyle(node);
    if (display !== 'inline' && overflowX !== 'visible' && node.scrollWidth > node.clientWidth + 1) found.push(`${name(node)} hides a part`);
  }
  const here = document.querySelector('.mod-nav__link[aria-current]')?.getBoundingClientRect();
  if (here && (here.left < 8 || here.right > window.innerWidth - 8)) found.push(`the current page is from ${here.left} to ${here.right}`);
  return found;
});

/** Opens a page from left to right and from right to left, and looks at it in each size; 720 × 450 is 1440 × 900 at 200 %. */
async function everyWay(window, open, name) {
  for (const dir of ['ltr', 'rtl']) {
    await window.page.setViewportSize({ width: 390, height: 844 });
    await open(dir);
    for (const [view, width, height] of [['phone', 390, 844], ['desk', 1440, 900], ['zoom', 720, 450]]) {
      await window.page.setViewportSize({ width, height });
      assert.deepEqual(await strays(window), [], `${name}, ${view}, ${dir}`);
    }
    await window.page.screenshot({ path: path.join(pictures, `mod-${name}-${dir}.png`) });
  }
}

test('from right to left and twice as large nothing leaves its place, and the focus is not below the foot', async () => {
  const { messages, id } = await offender(stage, 'A-name-as-long-as-they-get-here', `See https://example.org/${'a-path-without-any-break/'.repeat(6)}`, 'بضاعة رخيصة، اليوم فقط');
  for (const message of messages) await report(await stage.server.signUp(`Reporter-of-${message.seq}`), message, `Spam ${'W'.repeat(100)}`);
  const owner = await olga.connect('/admin');
  const { rule } = await owner.ok('rule:put', { rule: { id: 0, name: 'Words', kind: 'words', action: 'hold', words: ['W'.repeat(60)] }, reason: 'W'.repeat(90) });
  await owner.ok('member:mute', { user: id, minutes: 10, reason: 'W'.repeat(90) });
  owner.close();
  const window = await stage.window(mira);
  await window.page.addInitScript(() => addEventListener('DOMContentLoaded', () => { document.documentElement.dir = sessionStorage.dir ?? 'ltr'; }));
  await window.page.goto('/admin/live');
  const turn = (to) => window.page.evaluate((to) => { document.documentElement.dir = sessionStorage.dir = to; }, to);
  for (const route of ['reports', 'members', `members/${id}`, 'filter', `filter/${rule.id}`, 'audit', 'invites', 'live']) {
    await everyWay(window, async (to) => {
      await turn(to);
      await window.page.goto(`/admin/${route}`);
    }, route.replace(/\/\d+/u, '-one'));
  }

  const { page } = window;
  for (const [name, route, act] of [
    ['card', '/admin', () => card(window, 'رخيصة').getByRole('button', { name: 'Delete and mute' }).click()],
    ['message', '/rooms/lobby', async () => {
      await page.locator(`#m${messages[0].seq}`).focus();
      await page.locator(`#m${messages[0].seq} [data-action="moderate"]`).click();
      await sheet(window).getByText('Ban', { exact: true }).click();
    }],
  ]) {
    await turn('ltr');
    await window.open(route);
    await everyWay(window, turn, name);
    await act();
    await everyWay(window, turn, `${name}-sheet`);
    await page.setViewportSize({ width: 720, height: 450 });
    await page.locator('#acts-close').focus();
    const hidden = [];
    for (let n = 0; n < 12; n++) {
      await page.keyboard.press('Tab');
      hidden.push(...await page.evaluate(() => {
        const at = document.activeElement;
        const below = at.matches('#acts *') && !at.closest('.acts__foot') && at.getBoundingClientRect().bottom > document.querySelector('.acts__foot').getBoundingClientRect().top;
        return below ? [at.outerHTML.slice(0, 80)] : [];
      }));
    }
    assert.deepEqual(hidden, [], `${name}: below the foot`);
    await page.keyboard.press('Escape');
  }
});
