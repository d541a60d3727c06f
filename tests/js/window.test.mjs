import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageWindow } from '../../public/js/window.js';

/** @param {number} seq @param {number} [rev] @param {object} [more] */
const message = (seq, rev = seq, more = {}) => ({ room: 'lobby', seq, rev, id: `id-${seq}`, kind: 'text', author: { id: 'ada', name: 'Ada' }, text: `${seq}`, sentAt: '2025-01-01T00:00:00.000Z', ...more });
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => message(from + i));
const seqs = (held) => held.messages.map((m) => m.seq);

test('a live message is added at the end', () => {
  const held = new MessageWindow();
  held.reset({ messages: range(1, 3) });
  assert.equal(held.upsert(message(4)), 'added');
  assert.deepEqual(seqs(held), [1, 2, 3, 4]);
});

test('changes that come in order of rev are put in their place by seq', () => {
  const held = new MessageWindow();
  held.reset({ messages: range(1, 2) });
  held.upsert(message(7, 7));
  held.upsert(message(5, 9));
  assert.deepEqual(seqs(held), [1, 2, 5, 7]);
});

test('a newer state replaces an older one and never the other way round', () => {
  const held = new MessageWindow();
  held.reset({ messages: range(1, 3) });
  assert.equal(held.upsert(message(2, 5, { text: 'edited' })), 'changed');
  assert.equal(held.upsert(message(2, 4, { text: 'late' })), 'stale');
  assert.equal(held.upsert(message(2, 5, { text: 'again' })), 'stale');
  assert.equal(held.get(2)?.text, 'edited');
});

test('while the end is not held, a live message is not appended', () => {
  const held = new MessageWindow();
  held.reset({ messages: range(1, 50), hasNewer: true });
  assert.equal(held.upsert(message(90)), 'outside');
  assert.equal(held.last, 50);
});

test('a change of a message above the window is left to the page that will bring it', () => {
  const held = new MessageWindow();
  held.reset({ messages: range(51, 60), hasOlder: true });
  assert.equal(held.upsert(message(7, 61)), 'outside');
  assert.deepEqual(seqs(held), seqs({ messages: range(51, 60) }));
});

test('a page that was the end when it was read is not the end once more was heard of', () => {
  const held = new MessageWindow();
  held.reset({ messages: range(1, 50), hasNewer: true });
  held.upsert(message(101));
  held.append({ messages: range(51, 100), hasNewer: false });
  assert.equal(held.hasNewer, true, '101 is missing');
  held.append({ messages: range(101, 101), hasNewer: false });
  assert.equal(held.hasNewer, false);
  assert.deepEqual(seqs(held), seqs({ messages: range(1, 101) }));
});

test('the same holds for a reload of the last page', () => {
  const held = new MessageWindow();
  held.reset({ messages: range(1, 50), hasNewer: true });
  held.upsert(message(101));
  held.reset({ messages: range(51, 100), hasOlder: true, hasNewer: false });
  assert.equal(held.hasNewer, true);
});

test('after a reset of the room the end is where the server says, however far the old log went', () => {
  const held = new MessageWindow();
  held.reset({ messages: range(1, 100) });
  held.forget();
  held.reset({ messages: range(1, 20), hasNewer: false });
  assert.equal(held.hasNewer, false);
  assert.equal(held.upsert(message(21)), 'added');
});

test('pages that overlap the window bring nothing twice', () => {
  const held = new MessageWindow();
  held.reset({ messages: range(50, 60), hasOlder: true, hasNewer: true });
  held.prepend({ messages: range(40, 52), hasOlder: true });
  held.append({ messages: range(58, 70), hasNewer: true });
  assert.deepEqual(seqs(held), seqs({ messages: range(40, 70) }));
});

test('the window is bounded and knows which end it let go', () => {
  const held = new MessageWindow(100);
  held.reset({ messages: range(51, 150) });
  held.upsert(message(151));
  assert.equal(held.trim('older'), true);
  assert.deepEqual([held.first, held.last, held.hasOlder, held.hasNewer], [52, 151, true, false]);
  held.prepend({ messages: range(2, 51), hasOlder: true });
  held.trim('newer');
  assert.deepEqual([held.first, held.last, held.hasOlder, held.hasNewer], [2, 101, true, true]);
  assert.equal(held.trim('newer'), false);
});

test('the first message of an empty room is added', () => {
  const held = new MessageWindow();
  held.reset({ messages: [] });
  assert.equal(held.upsert(message(1)), 'added');
  assert.deepEqual([held.first, held.last], [1, 1]);
});
