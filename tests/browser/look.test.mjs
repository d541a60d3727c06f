// How it looks: pictures in tests/out, the one of the README, and that nothing overlaps or shifts.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { pictures, Stage } from './stage.mjs';

let stage, people;

// A Friday among three people: who, what, and which line an answer is to.
const conversation = [
  ['Nora', 'Morning. The train is late again, I am twenty minutes behind.'],
  ['Emil', 'No hurry. The room is ours until noon.'],
  ['Nora', 'Good. Then let us do the map first and the budget after.'],
  ['Nora', 'The draft is at https://example.org/map if you want a look before.'],
  ['Yusuf', 'Looking now.'],
  ['Yusuf', 'The north side is much clearer. One thing: the two reds are hard to tell apart for me.'],
  ['Emil', 'Same here. Could the second be the ochre from the legend?'],
  ['Nora', 'It could. Give me five minutes.'],
  ['Nora', 'Changed. Reload and tell me.'],
  ['Yusuf', 'Yes, that reads at once.'],
  ['Emil', 'Then I print it. A2, one copy on the wall, one for the archive.'],
  ['Nora', 'Two for the archive, please. They lost one last year.'],
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
  for (const [name, text] of conversation) await clients[name].send('lobby', text);
});
afterEach(() => stage.clear());
after(() => stage.close());

const views = {
  desktop: { viewport: { width: 1440, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1440, height: 900 }, colorScheme: 'dark' },
  tablet: { viewport: { width: 1024, height: 768 }, colorScheme: 'light' },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, colorScheme: 'light' },
  'phone-dark': { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, colorScheme: 'dark' },
};

for (const [name, options] of Object.entries(views)) {
  test(`the room, ${name}`, async () => {
    const window = await stage.window(people.Emil, options);
    await window.page.addInitScript(() => {
      window.shifted = 0;
      new PerformanceObserver((list) => list.getEntries().forEach((shift) => { window.shifted += shift.value; }))
        .observe({ type: 'layout-shift', buffered: true });
    });
    await window.open('/rooms/lobby');
    await window.sees(conversation.at(-1)[1]);
    if (options.viewport.width > 1000) await window.people.getByText('Yusuf').waitFor();
    const state = await window.page.evaluate(() => ({
      overflow: document.documentElement.scrollWidth - window.innerWidth,
      composer: document.querySelector('#composer').getBoundingClientRect().bottom - window.innerHeight,
      shifted: window.shifted,
    }));
    assert.ok(state.overflow <= 0, `${state.overflow} px wider than the window`);
    assert.ok(state.composer <= 0, `the box ends ${state.composer} px below the window`);
    assert.ok(state.shifted < 0.01, `layout shifted by ${state.shifted}`);
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
