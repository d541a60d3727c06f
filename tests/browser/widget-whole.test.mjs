// Widgets in the pages of a host: the whole chat with its list of rooms, and what is done with few pixels or few keys.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { Host, Place } from './host.mjs';
import { eventually, Stage } from './stage.mjs';

let host, stage;

before(async () => {
  host = await Host.start();
  stage = await Stage.open({ server: host });
});
afterEach(() => stage.clear());
after(() => stage.close());

/** Opens a page of the host as somebody, or as nobody. */
const open = (...how) => Place.open(stage, ...how);

test('the whole chat shows the rooms with what is unread, and an unlisted one is in none', async () => {
  const nora = await open('nora', 'rooms=&w=800', { viewport: { width: 860, height: 700 } });
  const rooms = nora.element.getByRole('navigation', { name: 'Rooms' });
  await rooms.getByRole('button', { name: 'Lobby' }).click();
  await nora.page.evaluate(() => {
    window.heard = [];
    for (const name of ['unread', 'ready', 'message']) document.addEventListener(`roomline:${name}`, ({ detail }) => window.heard.push([name, detail]));
  });
  await host.act('post', { user: 'ben', room: 'help', text: '@nora can you?' });
  await rooms.getByRole('button', { name: /Help.*1 message mentions you/s }).waitFor();
  await eventually(() => nora.page.evaluate(() => window.heard.some(([name, { room, unread, mentions }]) => name === 'unread' && room === 'help' && unread > 0 && mentions === 1)),
    'the page is told what is unread');
  await rooms.getByRole('button', { name: /Help/ }).click();
  await nora.element.getByRole('heading', { name: 'Help' }).waitFor();
  await eventually(() => nora.page.evaluate(() => window.heard.some(([name, { room, unread }]) => name === 'unread' && room === 'help' && unread === 0)),
    'the page is told that it was read');
  await host.act('post', { user: 'ben', room: 'help', text: 'live' });
  await eventually(() => nora.page.evaluate(() => window.heard.some(([name, { message }]) => name === 'message' && message.text === 'live')), 'the page hears messages');
  assert.ok(await nora.page.evaluate(() => window.heard.some(([name, { room }]) => name === 'ready' && room === 'help')));
  assert.equal(await rooms.getByRole('button').count(), 2);
  const topic = await open('nora', 'rooms=topic-7');
  await topic.element.getByRole('heading', { name: 'How do I prune roses?' }).waitFor();
  await topic.say('they are in bloom');
  await topic.sees('they are in bloom');
});

test('a room that is taken away leaves the list at once, and stands there again when it is given back', async () => {
  const nora = await open('nora', 'rooms=&w=800', { viewport: { width: 860, height: 700 } });
  const rooms = nora.element.getByRole('navigation', { name: 'Rooms' });
  const [lobby, help] = ['Lobby', 'Help'].map((name) => rooms.getByRole('button', { name }));
  await lobby.click();
  await help.waitFor();
  await host.act('shut', { user: 'nora', room: 'help' });
  await help.waitFor({ state: 'detached' });
  await host.act('open', { user: 'nora', room: 'help' });
  await help.click();
  await nora.composer.waitFor();
  await nora.composer.fill('half a word');
  await host.act('shut', { user: 'nora', room: 'help' });
  await nora.banner.getByText('You are no longer in this room.').waitFor();
  await help.waitFor({ state: 'detached' });
  assert.equal(await nora.composer.isVisible(), false);
  await host.act('open', { user: 'nora', room: 'help' });
  await help.waitFor();
  await nora.composer.waitFor();
  await eventually(async () => await nora.banner.innerText() === '', 'the banner is gone');
  assert.equal(await nora.composer.inputValue(), 'half a word');
  await nora.say('back again');
  await nora.sees('back again');
});

test('where there is no room yet the list says so, and the first that comes is shown', async () => {
  for (const room of ['lobby', 'help']) await host.act('shut', { user: 'ben', room });
  for (const w of [800, 300]) {
    const ben = await open('ben', `rooms=&w=${w}`, { viewport: { width: 860, height: 700 } });
    await ben.element.getByText('There are no rooms yet.').waitFor();
    assert.equal(await ben.element.locator('.skeleton').filter({ visible: true }).count(), 0);
    await host.act('open', { user: 'ben', room: 'help' });
    await ben.element.getByRole('heading', { name: 'Help' }).waitFor();
    await ben.composer.waitFor();
    await host.act('shut', { user: 'ben', room: 'help' });
  }
  for (const room of ['lobby', 'help']) await host.act('open', { user: 'ben', room });
});

test('names are completed by keyboard and by pointer, in the language of the page', async () => {
  const window = await stage.window(host.person('nora'));
  const loaded = [];
  window.page.on('request', (request) => { if (/(suggest|completion)\.js$/.test(request.url())) loaded.push(request.url()); });
  await window.page.goto('/page?rooms=lobby&lang=de');
  const nora = new Place(window.page);
  const list = nora.element.getByRole('listbox', { name: 'Vorschläge' });
  await nora.composer.pressSequentially('Hallo ');
  assert.deepEqual(loaded, [], 'nothing is loaded before it is needed');
  await nora.composer.pressSequentially('@b');
  await list.getByRole('option', { name: 'Ben', selected: true }).waitFor();
  const active = await nora.composer.getAttribute('aria-activedescendant');
  assert.equal(await list.getByRole('option', { name: 'Ben' }).getAttribute('id'), active);
  assert.equal(await nora.composer.getAttribute('aria-controls'), await list.getAttribute('id'));
  await nora.element.locator('[aria-live="polite"]').getByText('1 Vorschlag').waitFor({ state: 'attached' });
  await nora.page.keyboard.press('Tab');
  await list.waitFor({ state: 'hidden' });
  assert.equal(await nora.composer.inputValue(), 'Hallo @Ben ');
  await nora.composer.pressSequentially('und @mi');
  await list.waitFor();
  await nora.page.keyboard.press('Escape');
  await list.waitFor({ state: 'hidden' });
  await nora.composer.pressSequentially(' @m');
  await list.getByRole('option', { name: 'Mia' }).click();
  assert.equal(await nora.composer.inputValue(), 'Hallo @Ben und @mi @Mia ');
  await nora.page.keyboard.press('Enter');
  const said = nora.rows.filter({ hasText: 'Hallo @Ben und @mi @Mia' }).and(nora.page.locator('[data-message]'));
  await said.waitFor();
  assert.deepEqual(await said.locator('.mention').allInnerTexts(), ['@Ben', '@Mia']);
});

test('in a narrow place there is one thing at a time, and nothing sticks out', async () => {
  for (const query of ['rooms=lobby&w=280&h=420', 'rooms=&w=280&h=420']) {
    const nora = await open('nora', query, { viewport: { width: 320, height: 640 }, hasTouch: true });
    await nora.say('a_very_long_word_that_has_no_place_to_break_in_it_at_all_and_goes_on_and_on_and_on');
    const wide = await nora.element.evaluate((node) => {
      const outer = node.getBoundingClientRect();
      return [...node.shadowRoot.querySelectorAll('.root *:not(.sr, .sr *)')]
        .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest('.is-grouped .message__who'))
        .filter((one) => { const { left, right, width } = one.getBoundingClientRect(); return width > 1 && (left < outer.left - 1 || right > outer.right + 1); })
        .map((one) => one.className);
    });
    assert.deepEqual(wide, []);
    if (!query.startsWith('rooms=&')) continue;
    await host.act('post', { user: 'ben', room: 'help', text: '@nora, and @nora again' });
    await nora.element.getByRole('button', { name: /^All rooms, \d+ messages? mentions? you/ }).click();
    await nora.element.getByRole('button', { name: 'Help' }).click();
    await nora.element.getByRole('heading', { name: 'Help' }).waitFor();
    assert.equal(await nora.element.getByRole('navigation', { name: 'Rooms' }).isVisible(), false);
  }
});
