// The chat in the pages of somebody else (tests/host): people who write there, and a host whose style and policy are
// the strictest that a page can have. Every window is watched for breaches of that policy.

import assert from 'node:assert/strict';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { accessible } from './axe.mjs';
import { Host, Place } from './host.mjs';
import { eventually, pictures, Stage, unreachable } from './stage.mjs';

let host, stage;

before(async () => {
  host = await Host.start();
  stage = await Stage.open({ server: host });
});
afterEach(() => stage.clear());
after(() => stage.close());

/** Opens a page of the host as somebody, or as nobody. */
const open = (...how) => Place.open(stage, ...how);

test('who has a picture is shown by it, others by their initials', async () => {
  const nora = await open('nora', 'rooms=topic-7');
  const ben = await open('ben', 'rooms=topic-7');
  await nora.say('seen by my picture');
  await ben.say('and I by a letter');
  await ben.sees('seen by my picture');
  const picture = ben.message('seen by my picture').locator('.avatar img');
  await eventually(() => picture.evaluate((img) => img.complete && img.naturalWidth > 0), 'the picture is there');
  assert.equal(await picture.getAttribute('src'), '/nora.svg');
  assert.equal(await ben.message('and I by a letter').locator('.avatar').innerHTML(), 'B');
});

test('two people talk in a host’s page: reply, react, edit, delete', async () => {
  const nora = await open('nora', 'rooms=lobby');
  const ben = await open('ben', 'rooms=lobby');
  await ben.composer.pressSequentially('Has');
  await nora.element.getByText('\u2068Ben\u2069 is writing…').waitFor();
  await ben.say('Has anybody pruned roses?');
  await nora.sees('Has anybody pruned roses?');
  await nora.press('Has anybody pruned roses?', 'Reply');
  await nora.say('Wait until it freezes');
  await ben.message('Wait until it freezes').getByRole('button', { name: /In reply to Ben/ }).waitFor();

  await ben.press('Wait until it freezes', 'React');
  await ben.element.getByRole('button', { name: 'React with 👍' }).click();
  await nora.message('Wait until it freezes').getByRole('button', { name: '👍 1: Ben' }).waitFor();

  await nora.composer.fill('');
  await nora.composer.press('ArrowUp');
  await nora.element.getByRole('textbox', { name: 'Edit your message' }).fill('Wait until it has frozen');
  await nora.element.getByRole('button', { name: 'Save' }).click();
  await ben.message('Wait until it has frozen').getByText('(edited)').waitFor();

  await nora.press('Wait until it has frozen', 'Delete');
  await nora.element.getByRole('dialog', { name: 'Delete this message?' }).getByRole('button', { name: 'Delete' }).click();
  await ben.rows.and(ben.page.locator('.is-deleted')).filter({ hasText: 'Message deleted' }).waitFor();
});

test('the elements of a page share one connection, and a room that two of them show is followed once', async () => {
  const window = await stage.window(host.person('nora'));
  const sockets = [];
  const handshakes = [];
  window.page.on('websocket', (socket) => sockets.push(socket.url()));
  window.page.on('request', (request) => { if (/transport=polling(?!.*sid=)/.test(request.url())) handshakes.push(request.url()); });
  await window.page.goto('/page?rooms=help,help,lobby');
  const places = [0, 1, 2].map((n) => new Place(window.page, n));
  for (const place of places) await place.composer.waitFor();
  const ben = await open('ben', 'rooms=help');
  for (let n = 0; n < 5; n++) await ben.say(`to both ${n}`);
  await places[0].say('from the first');
  await places[1].say('from the second');
  for (const place of places.slice(0, 2)) {
    await place.sees('from the second');
    const texts = await place.rows.locator('.message__text').allInnerTexts();
    assert.deepEqual(texts.filter((text) => /^to both/.test(text)), [0, 1, 2, 3, 4].map((n) => `to both ${n}`));
    assert.equal(texts.filter((text) => /^from the/.test(text)).length, 2);
  }
  assert.equal(await places[2].message('from the first').count(), 0);
  assert.equal(handshakes.length, 1, 'handshakes');
  assert.ok(sockets.length <= 1, `WebSockets: ${sockets}`);

  // One goes, the other stays in the room.
  await window.page.evaluate(() => document.querySelector('roomline-chat').remove());
  await ben.say('to the one that is left');
  await new Place(window.page).sees('to the one that is left');
});

test('a host’s style does not get in, and the widget’s does not get out', async () => {
  const look = (page) => page.evaluate(() => {
    const { shadowRoot } = document.querySelector('roomline-chat');
    const of = (selector) => {
      const style = getComputedStyle(shadowRoot.querySelector(selector));
      return ['display', 'color', 'fontSize', 'fontFamily', 'letterSpacing', 'textTransform', 'backgroundColor', 'paddingTop'].map((name) => style[name]);
    };
    return ['.root', '.head', '.message', '.message__text', '.composer__text', '.composer__send', '.icon-button'].map((one) => [one, ...of(one)]);
  });
  const plain = await open('nora', 'rooms=lobby');
  await plain.say('style');
  await plain.sees('style');
  const hostile = await open('nora', 'rooms=lobby&hostile=1');
  await hostile.message('style').waitFor();
  await plain.page.mouse.move(0, 0);
  assert.deepEqual(await look(hostile.page), await look(plain.page));
  assert.equal(await plain.page.locator('.own').evaluate((node) => getComputedStyle(node).fontFamily), 'Georgia, serif');
  const button = await plain.page.locator('body > main > .button').evaluate((node) => getComputedStyle(node).backgroundColor);
  const bare = await stage.window();
  await bare.page.goto('/page?rooms=lobby');
  await bare.page.evaluate(() => document.querySelector('roomline-chat').remove());
  assert.equal(await bare.page.locator('body > main > .button').evaluate((node) => getComputedStyle(node).backgroundColor), button);
});

test('a host’s custom properties pierce, and its color-scheme is followed', async () => {
  const accent = await open('nora', 'rooms=lobby&accent=rgb(120,30,60)');
  await accent.composer.fill('x');
  const send = accent.element.getByRole('button', { name: 'Send' });
  assert.equal(await send.evaluate((node) => getComputedStyle(node).backgroundColor), 'rgb(120, 30, 60)');
  const lightness = (place) => place.element.evaluate((node) => getComputedStyle(node.shadowRoot.querySelector('.root')).backgroundColor);
  const dark = await open('nora', 'rooms=lobby&scheme=dark', { colorScheme: 'light' });
  const light = await open('nora', 'rooms=lobby&scheme=light', { colorScheme: 'dark' });
  assert.notEqual(await lightness(dark), await lightness(light));
  await light.element.evaluate((node) => node.setAttribute('theme', 'dark'));
  assert.equal(await lightness(light), await lightness(dark), 'the attribute says it too');
});

test('the widget speaks the language of the page, or what the host says', async () => {
  const nora = await open('nora', 'rooms=lobby&lang=de-AT');
  await nora.element.getByRole('textbox', { name: 'Nachricht an \u2068Lobby\u2069' }).waitFor();
  await nora.say('Guten Tag');
  await nora.press('Guten Tag', 'Löschen');
  await nora.element.getByRole('dialog', { name: 'Diese Nachricht löschen?' }).getByRole('button', { name: 'Abbrechen' }).click();
  await nora.element.evaluate((node) => { node.strings = { placeholder: 'Schreib was' }; });
  await nora.element.getByPlaceholder('Schreib was').waitFor();
  await nora.element.evaluate((node) => { node.setAttribute('lang', 'en'); node.strings = {}; });
  await nora.element.getByPlaceholder('Write a message').waitFor();
});

test('right to left everything is the other way round', async () => {
  const nora = await open('nora', 'rooms=&dir=rtl&w=800', { viewport: { width: 860, height: 700 } });
  await nora.say('from the right');
  await nora.sees('from the right');
  const [rooms, log] = [await nora.element.getByRole('navigation', { name: 'Rooms' }).boundingBox(), await nora.log.boundingBox()];
  assert.ok(rooms.x > log.x + log.width - 2, `rooms at ${rooms.x}, the conversation from ${log.x} to ${log.x + log.width}`);
  const avatar = await nora.message('from the right').locator('.avatar').boundingBox();
  assert.ok(avatar.x > log.x + log.width / 2, 'the avatar is at the right');
});

test('what is written while the server is away or the network gone arrives once, in order', async () => {
  const forgive = [unreachable];
  const nora = await open('nora', 'rooms=help', { forgive });
  const ben = await open('ben', 'rooms=help', { forgive });
  await nora.say('before the outage');
  await ben.sees('before the outage');
  await host.kill();
  await nora.say('while it was down 1');
  await nora.say('while it was down 2');
  await nora.banner.getByText(/connection is lost/).waitFor();
  await host.restart();
  await ben.sees('while it was down 2');

  await nora.page.context().setOffline(true);
  await nora.say('offline 1');
  await ben.say('meanwhile');
  await ben.sees('meanwhile');
  await nora.banner.getByText(/You are offline/).waitFor();
  await nora.page.context().setOffline(false);
  await ben.sees('offline 1');
  await nora.sees('meanwhile');
  await eventually(async () => await nora.banner.innerText() === '', 'the banner is gone');
  for (const place of [nora, ben]) {
    const texts = await place.rows.locator('.message__text').allInnerTexts();
    assert.deepEqual(texts.filter((text) => /outage|down|offline/.test(text)),
      ['before the outage', 'while it was down 1', 'while it was down 2', 'offline 1']);
    assert.equal(texts.filter((text) => text === 'meanwhile').length, 1);
  }
});

test('a draft survives a reload, and what was not sent too', async () => {
  const nora = await open('nora', 'rooms=lobby', { forgive: [unreachable], webSocket: false });
  const chat = '**/socket.io/**';
  await nora.page.route(chat, (route) => route.abort());
  await nora.say('written in a tunnel');
  await nora.message('written in a tunnel').waitFor();
  await nora.composer.fill('half a');
  await nora.page.reload();
  await nora.page.unroute(chat);
  await nora.sees('written in a tunnel');
  assert.equal(await nora.composer.inputValue(), 'half a');
});

test('a visitor reads what the host has opened, and writes nowhere', async () => {
  await host.act('post', { user: 'ben', text: 'for everybody' });
  const guest = await open(null, 'rooms=lobby');
  await guest.sees('for everybody');
  await guest.element.getByText('Sign in to write.').waitFor();
  assert.equal(await guest.composer.isVisible(), false);
  await guest.message('for everybody').hover();
  assert.equal(await guest.message('for everybody').getByRole('button').count(), 0);
  const ben = await open('ben', 'rooms=lobby');
  await ben.say('a visitor hears this');
  await guest.sees('a visitor hears this');

  await guest.element.evaluate((node) => { node.setAttribute('sign-in', '/login'); node.setAttribute('room', 'help'); });
  await guest.banner.getByText('Sign in to read and write here.').waitFor();
  assert.equal(await guest.banner.getByRole('link', { name: 'Sign in' }).getAttribute('href'), '/login');
});

test('older messages come as one scrolls up, and the way back leads to the latest', async () => {
  await host.act('fill', { user: 'ben', room: 'topic-7', n: 130 });
  const nora = await open('nora', 'rooms=topic-7');
  await nora.sees('number 130');
  assert.equal(await nora.message('number 1').count(), 0);
  await eventually(async () => {
    await nora.log.evaluate((node) => { node.scrollTop = 0; });
    return await nora.message('number 1').count() === 1;
  }, 'the first message is there');
  const ben = await open('ben', 'rooms=topic-7');
  await ben.say('and the last');
  await nora.element.getByRole('button', { name: /Latest · 1 new/ }).click();
  await nora.sees('and the last');
  await eventually(() => nora.log.evaluate((node) => node.scrollHeight - node.clientHeight - node.scrollTop < 3), 'it is at the end');
});

test('what moderators do is seen at once: frozen, slow, held, muted, reported, banned', async () => {
  const ben = await open('ben', 'rooms=help', { forgive: [unreachable] });
  const mia = await open('mia', 'rooms=help');
  await ben.say('before all that');
  await mia.sees('before all that');
  await host.act('freeze', { room: 'help', n: 1 });
  await ben.closed.getByText('This room is frozen. Only moderators can write now.').waitFor();
  assert.equal(await ben.composer.isVisible(), false);
  assert.equal(await mia.composer.isVisible(), true);
  await host.act('freeze', { room: 'help', n: 0 });
  await ben.composer.waitFor();

  await ben.say('please hold this');
  await ben.log.getByText('Waiting for review. Others do not see it yet.').waitFor();
  assert.equal(await mia.message('please hold this').count(), 0);

  await mia.say('something to report');
  await ben.press('something to report', 'Report');
  const dialog = ben.element.getByRole('dialog', { name: 'Report this message' });
  await dialog.getByRole('textbox').fill('It is advertising.');
  await dialog.getByRole('button', { name: 'Report' }).click();
  await ben.element.getByText('Thank you. The moderators have been told.').waitFor();
  const reports = await host.act('reports');
  assert.ok(reports.some(({ reasons }) => reasons?.some(({ text }) => text === 'It is advertising.')), JSON.stringify(reports));

  await host.act('slow', { room: 'help', n: 3600 });
  await ben.element.getByText('Slow mode: one message every 1 hour.').waitFor();
  await ben.element.getByRole('button', { name: /^Send, in \d+ minutes$/ }).waitFor(); // since their last message
  await ben.say('slowly');
  await ben.element.getByText(/^Not yet\. You can send again in \d+ minutes\.$/).waitFor();
  await host.act('slow', { room: 'help', n: 0 });
  await ben.element.getByRole('button', { name: 'Send', exact: true }).click();
  await mia.sees('slowly');

  await host.act('mute', { user: 'ben', n: 30 });
  await ben.closed.getByText(/You are muted until .*Too loud\./).waitFor();
  await host.act('ban', { user: 'ben' });
  await ben.banner.getByText(/You have been banned\. Reason: .*Enough\./).waitFor();
  assert.equal(await ben.composer.isVisible(), false);
});

test('it is used by keyboard alone, and axe has nothing to say, light and dark', async () => {
  const nora = await open('nora', 'rooms=lobby', { reducedMotion: 'reduce' });
  await nora.say('for the keyboard');
  await nora.sees('for the keyboard');
  await nora.page.keyboard.press('Shift+Tab');
  await nora.page.keyboard.press('Shift+Tab');
  const focused = () => nora.page.evaluate(() => {
    const inner = document.activeElement.shadowRoot?.activeElement;
    return inner?.getAttribute('aria-label') ?? inner?.className ?? '';
  });
  await eventually(async () => {
    if (/^message /.test(await focused())) return true;
    await nora.page.keyboard.press('Shift+Tab');
    return false;
  }, 'a row has the focus');
  await nora.page.keyboard.press('Tab');
  assert.equal(await focused(), 'React');
  await nora.page.keyboard.press('Enter');
  await eventually(async () => await focused() === 'React with 👍', 'the first reaction has the focus');
  await nora.page.keyboard.press('Escape');
  await nora.page.keyboard.press('Escape');
  assert.equal(await focused(), 'Message to \u2068Lobby\u2069');

  for (const query of ['rooms=lobby', 'rooms=lobby&scheme=dark', 'rooms=&w=800', 'rooms=&w=800&scheme=dark&lang=de']) {
    const place = await open('nora', query, { viewport: { width: 860, height: 700 } });
    await place.rows.first().waitFor();
    await accessible(place.page, query, 'roomline-chat');
  }
});

test('the widget is small, and kept for good', async () => {
  const window = await stage.window(host.person('nora'));
  const sizes = new Map();
  window.page.on('response', async (response) => {
    const { pathname } = new URL(response.url());
    if (/\/widget(\.js|\/[0-9a-f]{16}\/)/.test(pathname)) sizes.set(pathname, (await response.request().sizes()).responseBodySize);
  });
  await window.page.goto('/page?rooms=lobby');
  await new Place(window.page).composer.waitFor();
  await eventually(() => [...sizes.keys()].some((name) => name.endsWith('socket.io.js')), 'all is loaded');
  const bytes = [...sizes].filter(([name]) => !name.endsWith('socket.io.js')).reduce((sum, [, size]) => sum + size, 0);
  console.log(`the widget: ${bytes} bytes in ${sizes.size} files`);
  assert.ok(bytes > 0 && bytes < 36_000, `${bytes} bytes: ${JSON.stringify([...sizes])}`);
  sizes.clear();
  await window.page.reload();
  await new Place(window.page).composer.waitFor();
  const again = [...sizes].filter(([name, size]) => size > 0 && !name.endsWith('widget.js'));
  assert.deepEqual(again, [], 'nothing is loaded again');
});

test('pictures for those who look', async () => {
  await host.act('post', { user: 'mia', text: 'Yes. @nora knows it best: `secateurs` first.\n\n- clean\n- cut above a bud' });
  for (const [name, query, width] of [['widget', 'rooms=lobby&w=420', 460], ['widget-dark', 'rooms=&w=900&scheme=dark&h=560', 940], ['widget-narrow', 'rooms=lobby&w=280&h=460', 320]]) {
    const nora = await open('nora', query, { viewport: { width, height: 760 } });
    await nora.rows.first().waitFor();
    await nora.page.screenshot({ path: path.join(pictures, `${name}.png`) });
    const shift = await nora.page.evaluate(() => new Promise((done) => {
      let sum = 0;
      new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => { sum += value; })).observe({ type: 'layout-shift', buffered: true });
      requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
    }));
    assert.ok(shift < 0.1, `${name}: shifted by ${shift}`);
  }
});
