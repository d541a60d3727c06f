// How it looks: pictures in tests/out, the one of the README, and that nothing overlaps or shifts.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { pictures, Stage } from './stage.mjs';

let stage, people;

// A morning among three people: who says what, and what they answer (an index).
const conversation = [
  ['Nora', 'Morning. The train is late again, I am twenty minutes behind.'],
  ['Emil', 'No hurry. The room is ours until noon.'],
  ['Nora', 'Good. Then let us do **the map** first and the budget after.'],
  ['Nora', 'The draft is at https://example.org/map if you want a look before.'],
  ['Yusuf', 'Looking now.'],
  ['Yusuf', 'The north side is much clearer. One thing: the two reds are hard to tell apart for me.'],
  ['Emil', 'Same here. Could the second be the ochre from the legend, `#b7791f`?', 5],
  ['Nora', 'It could. Give me five minutes.'],
  ['Nora', 'Changed. Reload and tell me.'],
  ['Yusuf', 'Yes, that reads at once.'],
  ['Emil', 'Then I print it. A2, one copy on the wall, one for the archive.'],
  ['Nora', 'Two for the archive, @Emil. They lost one last year.'],
  ['Emil', 'Two it is.'],
  ['Nora', 'I am at the station. See you in ten.'],
];

before(async () => {
  await mkdir(pictures, { recursive: true });
  stage = await Stage.open();
  people = {};
  const clients = {};
  for (const name of ['Nora', 'Emil', 'Yusuf']) {
    people[name] = await stage.server.signUp(name);
    clients[name] = await people[name].join('lobby');
  }
  const seqs = [];
  for (const [name, text, answers] of conversation) {
    const { seq } = await clients[name].send('lobby', text, { replyTo: seqs[answers] });
    seqs.push(seq);
  }
});
afterEach(() => stage.clear());
after(() => stage.close());

// It is a morning's talk, whatever the hour is here.
const hours = ((9 - new Date().getUTCHours() + 36) % 24) - 12;
const morning = { locale: 'en-GB', timezoneId: `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}` };

const views = {
  desktop: { viewport: { width: 1440, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
  tablet: { viewport: { width: 1024, height: 768 }, colorScheme: 'light' },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, colorScheme: 'light' },
  'phone-dark': { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, colorScheme: 'dark' },
};

for (const [name, options] of Object.entries(views)) {
  test(`the room, ${name}`, async () => {
    const window = await stage.window(people.Nora, { ...morning, ...options });
    await window.page.addInitScript(() => {
      window.shifts = [];
      const place = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(' ');
      new PerformanceObserver((list) => list.getEntries().forEach(({ value, startTime, sources }) => window.shifts.push({
        value,
        when: Math.round(startTime),
        what: sources.map(({ node, previousRect, currentRect }) =>
          `${node?.id || node?.className || node?.nodeName}: ${place(previousRect)} → ${place(currentRect)}`),
      }))).observe({ type: 'layout-shift', buffered: true });
    });
    await window.open('/rooms/lobby');
    await window.sees(conversation.at(-1)[1]);
    if (options.viewport.width > 1000) await window.people.getByText('Yusuf').waitFor();
    const state = await window.page.evaluate(() => ({
      overflow: document.documentElement.scrollWidth - window.innerWidth,
      composer: document.querySelector('#composer').getBoundingClientRect().bottom - window.innerHeight,
      shifts: window.shifts,
    }));
    assert.ok(state.overflow <= 0, `${state.overflow} px wider than the window`);
    assert.ok(state.composer <= 0, `the box ends ${state.composer} px below the window`);
    const shifted = state.shifts.reduce((sum, { value }) => sum + value, 0);
    assert.ok(shifted < 0.02, `the layout shifted by ${shifted}: ${JSON.stringify(state.shifts, null, 2)}`);
    await window.page.screenshot({ path: path.join(pictures, `${name}.png`) });
  });
}

for (const page of ['login', 'signup', 'account']) {
  test(`the page ${page}`, async () => {
    const window = await stage.window(page === 'account' ? people.Emil : null);
    await window.page.goto(`/${page}`);
    for (const [name, { viewport, colorScheme }] of Object.entries(views)) {
      await window.page.setViewportSize(viewport);
      await window.page.emulateMedia({ colorScheme });
      const overflow = await window.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(overflow <= 0, `${name}: ${overflow} px wider than the window`);
      await window.page.screenshot({ path: path.join(pictures, `${page}-${name}.png`) });
    }
  });
}

/** What is out of its place on a page: wider than it should be, or one upon the other. */
const misplaced = (page) => page.evaluate(() => {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > window.innerWidth) {
    const wide = [...document.querySelectorAll('body *')].filter((node) => node.getBoundingClientRect().right > window.innerWidth + 1);
    found.push(`the page is ${root.scrollWidth} px wide: ${wide.map((node) => node.className || node.tagName).join(', ')}`);
  }
  const log = document.querySelector('#log');
  if (!log) return found;
  if (log.scrollWidth > log.clientWidth) found.push(`the log is ${log.scrollWidth} px wide`);
  const box = document.querySelector('#composer').getBoundingClientRect();
  if (box.bottom > window.innerHeight) found.push('the box ends below the window');
  const view = log.getBoundingClientRect();
  if (view.bottom > box.top + 1) found.push('the log runs under the box');
  let above = -Infinity;
  for (const row of document.querySelectorAll('#messages > *')) {
    const { top, bottom } = row.getBoundingClientRect();
    if (top < above - 1) found.push(`${row.id} covers what is above it`);
    above = bottom;
    for (const part of row.querySelectorAll('.message__head > *, .message__text, .quote, .reactions')) {
      const { left, right, width } = part.getBoundingClientRect();
      if (width > 1 && (left < view.left - 1 || right > view.right + 1)) found.push(`${part.className} of ${row.id} leaves the log`);
    }
  }
  const head = [...document.querySelectorAll('.room__head > *')].filter((part) => part.checkVisibility() && getComputedStyle(part).position !== 'absolute')
    .map((part) => part.getBoundingClientRect()).sort((a, b) => a.left - b.left);
  head.forEach(({ left }, i) => { if (i && left < head[i - 1].right - 1) found.push('the parts of the head cover each other'); });
  return found;
});

/** Words and names that are hard on a layout, in a room of their own. */
async function oddRoom() {
  const names = { long: 'A-name-as-long-as-they-get-here', short: 'نور' };
  const [owner, long, short] = await Promise.all([
    people.Nora.connect('/general'), ...Object.values(names).map(async (name) => (await stage.server.signUp(name)).connect('/general')),
  ]);
  const { room: { slug: room } } = await owner.ok('room:create', {
    name: 'A-room-with-a-name-as-long-as-any', topic: 'What one would say of it takes more room than there is on most screens. '.repeat(2),
  });
  for (let n = 0; n < 100; n++) await owner.send(room, `earlier ${n}`);
  const url = await long.send(room, `https://example.org/${'a-path-without-any-break/'.repeat(8)}?q=${'x'.repeat(150)}`);
  for (const emoji of ['👍', '🎉', '❤️', '😂', '😮', '😢', '🔥', '👀']) {
    await owner.ok('message:react', { room, seq: url.seq, emoji, on: true });
  }
  await owner.send(room, 'W'.repeat(300));
  await short.send(room, 'مرحبا بالجميع، هذا نص من اليمين إلى اليسار مع رابط https://example.org/rtl وكلمة English في الوسط');
  await short.send(room, 'שלום לכולם\n> ציטוט מימין לשמאל\n1. אחת\n2. שתיים');
  await long.send(room, `\`\`\`\n${'code that does not break '.repeat(12)}\n\`\`\`\nand \`${'inline'.repeat(40)}\``);
  await long.send(room, 'The answer', { replyTo: url.seq });
  return room;
}

test('odd words, long names, many unread, from right to left and twice as large: nothing is out of its place', async () => {
  const room = await oddRoom();
  const window = await stage.window(people.Emil, morning);
  for (const [name, width, height] of [['desktop', 1440, 900], ['zoom', 720, 450], ['phone', 390, 844], ['narrow', 320, 568]]) {
    await window.page.setViewportSize({ width, height });
    await window.open(`/rooms/${room}`);
    for (const dir of ['ltr', 'rtl']) {
      await window.page.evaluate((dir) => { document.documentElement.dir = dir; }, dir);
      for (const end of [0, 1]) {
        await window.page.locator('#log').evaluate((log, end) => { log.scrollTop = end * log.scrollHeight; }, end);
        assert.deepEqual(await misplaced(window.page), [], `${name}, ${dir}`);
      }
      await window.page.screenshot({ path: path.join(pictures, `odd-${name}-${dir}.png`) });
    }
  }
  const { page } = await stage.window(people.Nora, { viewport: { width: 320, height: 568 } });
  for (const route of ['/login', '/account', '/rooms/new', `/rooms/${room}/settings`, `/rooms/${room}/101`, '/search?q=example', '/search?q=WWWW']) {
    await page.goto(route);
    assert.deepEqual(await misplaced(page), [], `${route}, narrow`);
    await page.screenshot({ path: path.join(pictures, `narrow${route.replaceAll(/\W+/g, '-')}.png`) });
  }
});
