// The view never jumps: whatever happens to the list, what one reads stays where it is on the screen,
// to the pixel, and the end stays the end.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { eventually, Stage } from './stage.mjs';

/** So many messages are in the room; those up to the second number are shown as of the day before. */
const SAID = 600;
const YESTERDAY = 520;

let stage, olga, reader;
/** The seqs of all messages, in order; changes of messages leave gaps between them. */
const said = [];

before(async () => {
  stage = await Stage.open();
  olga = await (await stage.server.signUp('olga')).join('lobby');
  reader = await stage.server.signUp('ada');
  for (let n = 1; n <= SAID;) {
    const some = [];
    for (; some.length < 100; n++) some.push(say(`number ${n}${n % 7 ? '' : ', with\nmore than\none line'}`));
    await Promise.all(some);
  }
});
afterEach(() => stage.clear());
after(() => stage.close());

async function say(text) {
  const { seq } = await olga.send('lobby', text);
  said.push(seq);
  return seq;
}

/** Lets the messages up to YESTERDAY be a day older than they are, on their way to the page. */
async function withYesterday({ page }) {
  const older = (key, value) => (value?.sentAt && value.seq <= YESTERDAY
    ? { ...value, sentAt: new Date(Date.parse(value.sentAt) - 86_400_000).toISOString() } : value);
  const changed = (frame) => frame.replace(/\[.*/s, (body) => JSON.stringify(JSON.parse(body, older)));
  await page.routeWebSocket(/socket\.io/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((frame) => socket.send(changed(frame)));
  });
}

/** One reader, and what is measured on their screen. */
class Reader {
  constructor(window) {
    this.window = window;
    this.page = window.page;
  }

  /** Runs in the page after two frames, when everything that follows from the last act is painted. */
  async painted(look, argument) {
    await this.page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
    return this.page.evaluate(look, argument);
  }

  /**
   * Scrolls so far from the top, or with a negative number so far from the end, and chooses the row to look at: the
   * one that stands at this share of the height of the view.
   */
  async look(from, at = 0.5) {
    this.row = await this.page.locator('#log').evaluate((log, [from, at]) => {
      if (from !== null) log.scrollTop = from >= 0 ? from : log.scrollHeight - log.clientHeight + from;
      const { top, height } = log.getBoundingClientRect();
      const rows = [...document.querySelectorAll('#messages article')];
      const row = rows.find((one) => one.getBoundingClientRect().bottom > top + height * at);
      return { key: row.dataset.key, bottom: row.getBoundingClientRect().bottom };
    }, [from, at]);
  }

  /** Fails unless the row has stayed where it was. By its lower edge: what joins a group loses its head. */
  async still(what) {
    const bottom = await this.painted((key) => document.querySelector(`[data-key="${key}"]`).getBoundingClientRect().bottom, this.row.key);
    assert.ok(Math.abs(bottom - this.row.bottom) <= 1, `${what}: ${this.row.key} went from ${this.row.bottom} to ${bottom}`);
  }

  /** The first and the last seq on the page. Fails unless all between them are there, and not too many. */
  async held() {
    const seqs = await this.page.locator('#messages').evaluate((list) => [...list.querySelectorAll('[data-message]')].map(({ id }) => Number(id.slice(1))));
    assert.ok(seqs.length <= 300, `${seqs.length} rows`);
    const from = said.indexOf(seqs[0]);
    assert.deepEqual(seqs, said.slice(from, from + seqs.length), 'no hole');
    return [seqs[0], seqs.at(-1)];
  }

  /** Resolves when something else stands at one end (0 the first, 1 the last) than before. */
  async turned(end, before) {
    await eventually(async () => (await this.held())[end] !== before[end], 'another page');
  }

  /** Fails unless the end is in view. */
  async atEnd(what) {
    const below = await this.painted(() => {
      const log = document.querySelector('#log');
      return log.scrollHeight - log.scrollTop - log.clientHeight;
    });
    assert.ok(below <= 1, `${what}: ${below} px from the end`);
  }
}

/** Makes the row of a message higher by so many pixels, as a late picture would. */
const grow = (page, key, by) => page.locator(`[data-key="${key}"]`).evaluate((row, by) => { row.style.paddingBottom = `${by}px`; }, by);

const sizes = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};

for (const [size, options] of Object.entries(sizes)) {
  test(`older and newer pages come without a jump, ${size}`, async () => {
    const ada = new Reader(await stage.window(reader, options));
    await withYesterday(ada);
    await ada.window.open('/rooms/lobby');
    await ada.atEnd('a room opens at its end');

    for (let n = 0; n < 6; n++) {
      const before = await ada.held();
      await ada.look(n % 2 ? 0 : 300, 0.1);
      await ada.turned(0, before);
      await ada.still(`older page ${n}`);
      const seam = ada.page.locator(`#m${before[0]}`);
      assert.match(await seam.getAttribute('class'), /is-grouped/, 'the seam is closed');
    }
    assert.deepEqual(await ada.page.locator('#messages .day').allInnerTexts(), ['Yesterday', 'Today']);
    const [first, last] = await ada.held();
    assert.ok(first < SAID - 300 && last < SAID, 'the newest rows were let go');

    for (let n = 0; n < 3; n++) {
      const before = await ada.held();
      await ada.look(n % 2 ? -0 : -300);
      await ada.turned(1, before);
      await ada.still(`newer page ${n}`);
    }
    assert.ok((await ada.held())[0] > first, 'the oldest rows were let go');
  });

  test(`nothing that happens above or below moves what one reads, ${size}`, async () => {
    const ada = new Reader(await stage.window(reader, options));
    await ada.window.open('/rooms/lobby');
    const before = await ada.held();
    await ada.look(300);
    await ada.turned(0, before);
    const [first] = await ada.held();
    const row = (seq) => ada.page.locator(`#m${seq}`);

    await ada.look(1500);
    for (const by of [137, 40, 0]) {
      await grow(ada.page, `m${first + 3}`, by);
      await ada.still(`a row above is ${by} px higher`);
    }
    await olga.ok('message:react', { room: 'lobby', seq: first + 4, emoji: '👍', on: true });
    await row(first + 4).getByText('👍').waitFor();
    await ada.still('a reaction above');
    await olga.ok('message:edit', { room: 'lobby', seq: first + 5, text: 'much longer\n'.repeat(12) });
    await row(first + 5).getByText('much longer').waitFor();
    await ada.still('an edit above made a message longer');
    await olga.ok('message:edit', { room: 'lobby', seq: first + 5, text: 'short' });
    await row(first + 5).getByText('short').waitFor();
    await ada.still('an edit above made a message shorter');
    await olga.ok('message:delete', { room: 'lobby', seq: first + 7 });
    await row(first + 7).getByText('Message deleted').waitFor();
    await ada.still('a deletion above');
    const seq = await say('from below');
    await row(seq).waitFor();
    await ada.still('a message below');

    await ada.look(null, 0);
    await ada.page.setViewportSize({ ...options.viewport, height: options.viewport.height - 320 });
    await ada.still('the keyboard comes');
    await ada.page.setViewportSize(options.viewport);
    await ada.still('the keyboard goes');

    // The reader scrolls in the same frame in which a row above grows: only their own way counts.
    await ada.look(1500);
    await ada.page.evaluate((key) => {
      document.querySelector(`[data-key="${key}"]`).style.paddingBottom = '90px';
      document.querySelector('#log').scrollTop += 50;
    }, `m${first + 3}`);
    ada.row.bottom -= 50;
    await ada.still('growth above while scrolling');
  });

  test(`the end stays the end, ${size}`, async () => {
    const ada = new Reader(await stage.window(reader, options));
    await ada.window.open('/rooms/lobby');
    await ada.atEnd('open');
    await ada.page.setViewportSize({ ...options.viewport, height: options.viewport.height - 320 });
    await ada.atEnd('the keyboard comes');
    await ada.page.setViewportSize(options.viewport);
    await ada.atEnd('the keyboard goes');
    const [, last] = await ada.held();
    for (const [seq, by] of [[last, 200], [last - 30, 300], [last, 0], [last - 30, 0]]) {
      await grow(ada.page, `m${seq}`, by);
      await ada.atEnd(`row ${seq - last} is ${by} px higher`);
    }
    for (const text of ['one more', 'and one\nwith\nmore lines']) {
      const seq = await say(text);
      await ada.page.locator(`#m${seq}`).waitFor();
      await ada.atEnd('a new message');
    }
    // Near the end, but not at it, one reads: only a new message takes one along.
    await ada.look(-60);
    await grow(ada.page, `m${last}`, 80);
    await ada.still('growth below');
    await ada.look(-60);
    const seq = await say('come along');
    await ada.page.locator(`#m${seq}`).waitFor();
    await ada.atEnd('a new message takes along who was near');
  });
}
