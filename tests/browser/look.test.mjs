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
    for (const [name, options] of Object.entries(views)) {
      const window = await stage.window(page === 'account' ? people.Emil : null, options);
      await window.page.goto(`/${page}`);
      const overflow = await window.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(overflow <= 0, `${name}: ${overflow} px wider than the window`);
      await window.page.screenshot({ path: path.join(pictures, `${page}-${name}.png`) });
    }
  });
}
