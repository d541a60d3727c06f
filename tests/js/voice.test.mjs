import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneVoice } from '../../public/js/voice.js';

const settled = () => new Promise((done) => { setTimeout(done); });

/** A page that can be looked at. */
function makePage(hidden) {
  const page = new EventTarget();
  const view = new EventTarget();
  return Object.assign(page, {
    hidden,
    defaultView: view,
    look(seen) {
      this.hidden = !seen;
      this.dispatchEvent(new Event('visibilitychange'));
      return settled();
    },
    close: () => view.dispatchEvent(new Event('pagehide')),
  });
}

/** Locks as browsers have them, one manager for each page; close gives up all of a page's. */
function makeLocks() {
  let requests = [];
  const grant = () => {
    for (const asked of requests) {
      const others = requests.filter((r) => r.held && r.name === asked.name);
      if (asked.held || others.some((r) => !(r.shared && asked.shared))) continue;
      asked.held = true;
      Promise.resolve(asked.run()).then(() => drop((r) => r === asked));
    }
  };
  const drop = (which) => {
    requests = requests.filter((r) => !which(r));
    grant();
  };
  return () => {
    const own = {};
    return {
      request(name, options, run = options) {
        requests.push({ own, name, run, shared: options.mode === 'shared', held: false });
        queueMicrotask(grant);
      },
      query: async () => ({ held: requests.filter((r) => r.held).map(({ name }) => ({ name })) }),
      close: () => drop((r) => r.own === own),
    };
  };
}

/** Channels between pages; a page does not hear itself. */
function makeChannels() {
  const all = [];
  return () => {
    const channel = {
      onmessage: null,
      postMessage: (data) => all.forEach((other) => other !== channel && queueMicrotask(() => other.onmessage?.({ data }))),
    };
    all.push(channel);
    return channel;
  };
}

const speaking = async (pages) => (await Promise.all(pages.map(({ voice }) => voice.speaks()))).filter(Boolean).length;

for (const kind of ['locks', 'a channel']) {
  test(`with ${kind} one of three pages speaks, while nobody looks at any`, async () => {
    const manager = makeLocks();
    const channel = makeChannels();
    const pages = [];
    for (let n = 0; n < 3; n++) {
      const page = makePage(true);
      const locks = kind === 'locks' ? manager() : undefined;
      pages.push({ page, locks, voice: oneVoice('voice', { locks: locks ?? null, channel: channel(), page }) });
      await settled();
    }
    assert.equal(await speaking(pages), 1);

    await pages[1].page.look(true);
    assert.equal(await speaking(pages), 0, 'somebody looks');
    await pages[2].page.look(true);
    await pages[1].page.look(false);
    assert.equal(await speaking(pages), 0, 'somebody still looks');
    await pages[2].page.look(false);
    assert.equal(await speaking(pages), 1);

    for (const voices of [2, 1]) {
      const spoke = await Promise.all(pages.map(({ voice }) => voice.speaks()));
      const [gone] = pages.splice(spoke.indexOf(true), 1);
      gone.page.close();
      gone.locks?.close();
      await settled();
      assert.equal(pages.length, voices);
      assert.equal(await speaking(pages), 1, 'another takes over');
    }
  });
}

test('for another name there is another voice', async () => {
  const manager = makeLocks();
  const voices = ['one', 'two'].map((name) => ({ voice: oneVoice(name, { locks: manager(), page: makePage(true) }) }));
  await settled();
  assert.equal(await speaking(voices), 2);
});
