import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newId, Outbox, statusOf } from '../../public/js/outbox.js';
import { openStore } from '../../public/js/storage.js';

/** Storage as browsers have it. */
function browserStorage() {
  const kept = {};
  const hidden = { enumerable: false };
  return Object.defineProperties(kept, {
    getItem: { value: (key) => kept[key] ?? null, ...hidden },
    setItem: { value: (key, value) => { kept[key] = String(value); }, ...hidden },
    removeItem: { value: (key) => { delete kept[key]; }, ...hidden },
  });
}

const stored = (id) => ({ ok: true, message: { id } });
const refused = (code, retryAfter) => ({ ok: false, error: { code, message: `It is ${code}.`, retryAfter } });
const settled = () => new Promise((done) => { setImmediate(done); });

/** An outbox with a server whose answers are set by id or taken in turn. */
function stage({ area = browserStorage(), answers = [] } = {}) {
  const wire = [];
  const log = [];
  const waits = [];
  let clock = 1000;
  const outbox = new Outbox({
    store: openStore(() => area),
    prefix: 'box/',
    send: async (entry) => {
      wire.push(entry.text);
      const answer = answers.shift() ?? stored(entry.id);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    onChange: () => {},
    onSent: (message) => log.push(`sent ${message.id}`),
    onRejected: (entry, refusal) => log.push(`rejected ${entry.text}: ${refusal.code}`),
    onHeld: (held, entry) => log.push(`held ${entry.text}: ${held.state}`),
    now: () => clock,
    pause: (ms) => {
      waits.push(ms);
      clock += ms;
      return Promise.resolve();
    },
  });
  return { outbox, wire, log, waits, area, texts: () => outbox.entries.map((entry) => entry.text) };
}

test('ids are what the server accepts, and differ', () => {
  const ids = Array.from({ length: 200 }, newId);
  for (const id of ids) assert.match(id, /^[A-Za-z0-9_-]{22}$/);
  assert.equal(new Set(ids).size, ids.length);
});

test('what is written before the room is joined waits, and goes in order', async () => {
  const { outbox, wire, texts } = stage();
  ['one', 'two', 'three'].forEach((text) => outbox.add(text));
  assert.deepEqual(wire, []);
  outbox.open();
  await settled();
  assert.deepEqual(wire, ['one', 'two', 'three']);
  assert.deepEqual(texts(), []);
});

test('it survives a reload with the same ids and in the same order', async () => {
  const area = browserStorage();
  const before = stage({ area });
  ['one', 'two', 'three'].forEach((text) => before.outbox.add(text));
  const ids = before.outbox.entries.map((entry) => entry.id);
  const after = stage({ area });
  assert.deepEqual(after.outbox.entries.map((entry) => entry.id), ids);
  after.outbox.open();
  await settled();
  assert.deepEqual(after.wire, ['one', 'two', 'three']);
  assert.deepEqual(Object.keys(area), []);
});

test('what a message answers goes with it, over a reload', async () => {
  const area = browserStorage();
  stage({ area }).outbox.add('an answer', 7);
  const after = stage({ area });
  assert.equal(after.outbox.entries[0].replyTo, 7);
});

test('two tabs do not overwrite what the other holds', () => {
  const area = browserStorage();
  const left = stage({ area });
  const right = stage({ area });
  left.outbox.add('from the left');
  right.outbox.add('from the right');
  assert.deepEqual(stage({ area }).texts().sort(), ['from the left', 'from the right']);
});

test('no answer is not an answer: the same id is sent again, and later ones wait', async () => {
  const { outbox, wire, waits } = stage({ answers: [new Error('no answer'), new Error('no answer')] });
  outbox.add('one');
  outbox.add('two');
  outbox.open();
  await settled();
  assert.deepEqual(wire, ['one', 'one', 'one', 'two']);
  assert.deepEqual(waits, [1000, 2000]);
});

test('too fast: it waits as long as the server says and goes on by itself', async () => {
  const { outbox, wire, waits } = stage({ answers: [refused('rate_limited', 3)] });
  outbox.add('one');
  outbox.open();
  await settled();
  assert.deepEqual(waits, [3000]);
  assert.deepEqual(wire, ['one', 'one']);
});

test('held for review: it is told, gone, and never sent again', async () => {
  const { outbox, wire, log, area, texts } = stage({ answers: [{ ok: true, held: { state: 'waiting' } }] });
  outbox.add('one');
  outbox.add('two');
  outbox.open();
  await settled();
  outbox.close();
  outbox.open();
  await settled();
  assert.deepEqual(wire, ['one', 'two']);
  assert.equal(log[0], 'held one: waiting');
  assert.equal(log.filter((line) => line.startsWith('sent')).length, 1, 'two');
  assert.deepEqual(texts(), []);
  assert.deepEqual(Object.keys(area), []);
});

for (const code of ['invalid', 'frozen', 'forbidden', 'id_reused', 'muted', 'not_found']) {
  test(`${code}: the text goes back to its author and the next is sent`, async () => {
    const { outbox, wire, log, area } = stage({ answers: [refused(code)] });
    outbox.add('refused');
    outbox.add('next');
    outbox.open();
    await settled();
    assert.deepEqual(wire, ['refused', 'next']);
    assert.equal(log[0], `rejected refused: ${code}`);
    assert.deepEqual(Object.keys(area), []);
  });
}

test('nothing is sent once the connection is gone', async () => {
  const { outbox, wire, texts } = stage();
  outbox.open();
  outbox.close();
  outbox.add('one');
  await settled();
  assert.deepEqual(wire, []);
  assert.deepEqual(texts(), ['one']);
});

test('an answer lost with the connection leaves the entry to be sent after the next join', async () => {
  let lose = () => {};
  const sent = [];
  const outbox = new Outbox({
    store: openStore(browserStorage),
    prefix: 'box/',
    send: (entry) => new Promise((done, lost) => {
      sent.push(entry.id);
      if (sent.length === 1) lose = () => lost(new Error('gone'));
      else done(stored(entry.id));
    }),
    onChange: () => {},
    onSent: () => {},
    onRejected: () => assert.fail('nothing was refused'),
    pause: () => Promise.resolve(),
  });
  outbox.add('one');
  outbox.open();
  outbox.close();
  lose();
  await settled();
  assert.equal(outbox.entries[0].failed, undefined, 'it is not a failure to be offline');
  outbox.open();
  await settled();
  assert.equal(sent.length, 2);
  assert.equal(sent[0], sent[1]);
  assert.deepEqual(outbox.entries, []);
});

test('the copy that arrives with the room settles it, here and in storage', () => {
  const { outbox, area } = stage();
  outbox.add('one');
  const [{ id }] = outbox.entries;
  assert.equal(outbox.settle(id), true);
  assert.equal(outbox.settle(id), false);
  assert.deepEqual(Object.keys(area), []);
});

test('what is stored and cannot be read is thrown away, not tripped over', () => {
  const area = browserStorage();
  area.setItem('box/broken', '{');
  area.setItem('box/strange', '{"text":7}');
  area.setItem('box/good', '{"text":"one","at":1}');
  const { texts } = stage({ area });
  assert.deepEqual(texts(), ['one']);
  assert.deepEqual(Object.keys(area), ['box/good']);
});

test('without storage it works for as long as the page lives', async () => {
  const { outbox, wire } = stage({ area: /** @type {any} */ (null) });
  outbox.add('one');
  outbox.open();
  await settled();
  assert.deepEqual(wire, ['one']);
});

const entry = { id: 'x', text: 'x', at: 0, since: 0 };
for (const [what, state, now, more, failed, words] of [
  ['the first second says nothing', 'live', 900, {}, false, /^$/],
  ['then that it is being sent', 'live', 1500, {}, false, /^Sending…$/],
  ['offline, at first the same', 'offline', 1500, {}, false, /^Sending…$/],
  ['offline for long: not sent, and why', 'offline', 12_000, {}, true, /You are offline\. It will be sent/],
  ['server gone for long', 'reconnecting', 12_000, {}, true, /cannot be reached/],
  ['no answer', 'live', 12_000, { failed: true }, true, /does not answer/],
  ['session over', 'ended', 10, {}, true, /sign in again/],
  ['its turn has not come', 'live', 2000, { until: 13_500 }, false, /^Waiting\. It will be sent in 12 s\.$/],
  ['its turn has come', 'live', 14_000, { until: 13_500 }, false, /^Sending…$/],
  ['held for review', 'live', 90_000, { status: { failed: false, held: 'waiting', words: 'Waiting for review.' } }, false, /^Waiting for review\.$/],
]) {
  test(`status: ${what}`, () => {
    const status = statusOf({ ...entry, ...more }, { now, state });
    assert.equal(status.failed, failed);
    assert.match(status.words, words);
  });
}
