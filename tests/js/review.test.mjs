import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Review } from '../../public/js/review.js';

/** Storage as the page has it, over reloads. */
function storage() {
  const kept = new Map();
  return {
    get: (key) => kept.get(key) ?? null,
    set: (key, value) => { kept.set(key, value); },
    remove: (key) => { kept.delete(key); },
    keys: (prefix) => [...kept.keys()].filter((key) => key.startsWith(prefix)),
  };
}

function stage({ store = storage(), room = 'lobby', posted = [] } = {}) {
  const settled = [];
  const spoken = [];
  const review = new Review({
    store,
    user: '7',
    room,
    posted: (id) => posted.includes(id),
    settle: (id) => settled.push(id),
    onChange: () => {},
    speak: (words) => spoken.push(words),
  });
  const shown = () => review.entries.map(({ id, status }) => `${id}: ${status.held}, ${status.words}`);
  return { review, store, settled, spoken, posted, shown };
}

const held = (id, more = {}) => ({ room: 'lobby', id, text: `text of ${id}`, state: 'waiting', at: '2025-03-01T10:00:00.000Z', ...more });
const decided = (id, state, reason) => ({ room: 'lobby', id, state, at: '2025-03-01T10:05:00.000Z', reason });
const waits = (id) => `${id}: waiting, Waiting for review. Others do not see it yet.`;
const away = (id) => `${id}: over, Reviewed while you were away. If it is not in the room, it was not approved.`;

test('what the server holds waits, is no longer on its way, and keeps what it answers', () => {
  const { review, settled, spoken, shown } = stage();
  review.add(held('a'), 5);
  assert.deepEqual(shown(), [waits('a')]);
  assert.equal(review.entries[0].replyTo, 5);
  assert.equal(review.entries[0].text, 'text of a');
  assert.deepEqual(settled, ['a']);
  assert.deepEqual(spoken, ['Your message waits for review.']);
});

test('after a reload the server says what waits', () => {
  const { store, review } = stage();
  review.add(held('a'), 5);
  const after = stage({ store });
  after.review.joined([held('a'), held('b')], false);
  assert.deepEqual(after.shown(), [waits('a'), waits('b')]);
  assert.equal(after.review.entries[0].replyTo, 5);
});

test('an acknowledgement that was lost: the join says that it waits, and it is not sent again', () => {
  const { review, settled } = stage();
  review.joined([held('a')], false);
  assert.deepEqual(settled, ['a']);
});

test('approved: it stays until the message comes', () => {
  const { review, shown, spoken } = stage();
  review.add(held('a'));
  review.heard(decided('a', 'approved'));
  assert.deepEqual(shown(), [waits('a')]);
  assert.equal(spoken.at(-1), 'Your message was approved.');
  review.settle('a');
  assert.deepEqual(shown(), []);
});

test('rejected: it says why, until its author has seen it, over reloads', () => {
  const { review, store, shown } = stage();
  review.add(held('a'));
  review.heard(decided('a', 'rejected', 'Not here.'));
  assert.deepEqual(shown(), ['a: over, Not approved. Not here.']);
  const after = stage({ store });
  after.review.joined([], false);
  assert.deepEqual(after.shown(), ['a: over, Not approved. Not here.']);
  after.review.settle('a');
  assert.deepEqual(after.shown(), []);
  assert.deepEqual(store.keys(''), []);
});

test('a rejection that was missed while away can be told from what the replay brought', () => {
  const { review, shown } = stage();
  review.add(held('a'));
  review.joined([], false);
  assert.deepEqual(shown(), ['a: over, Not approved.']);
});

test('what was decided while nobody looked is not said to be rejected', () => {
  const first = stage();
  first.review.add(held('a'));
  first.review.joined([], true);
  assert.deepEqual(first.shown(), [away('a')], 'the log began anew');

  const { store, review } = stage();
  review.add(held('b'));
  const after = stage({ store });
  after.review.joined([], false);
  assert.deepEqual(after.shown(), [away('b')], 'another page');
});

test('what was approved while away and stands in the room waits no more', () => {
  const { store, review } = stage();
  review.add(held('a'));
  const after = stage({ store, posted: ['a'] });
  after.review.joined([], false);
  assert.deepEqual(after.shown(), []);
  assert.deepEqual(store.keys(''), []);
});

test('a join that lists what has been approved meanwhile does not bring it back', () => {
  const { review, shown } = stage({ posted: ['a'] });
  review.joined([held('a')], false);
  assert.deepEqual(shown(), []);
});

test('a decision about another room is there when one goes there', () => {
  const { store, review } = stage({ room: 'kitchen' });
  review.add(held('a', { room: 'kitchen' }));
  const elsewhere = stage({ store });
  elsewhere.review.heard({ ...decided('a', 'rejected', 'Not here.'), room: 'kitchen' });
  assert.deepEqual(elsewhere.shown(), []);
  assert.deepEqual(elsewhere.spoken, []);
  const back = stage({ store, room: 'kitchen' });
  back.review.joined([], false);
  assert.deepEqual(back.shown(), ['a: over, Not approved. Not here.']);
});

test('the oldest stands first', () => {
  const { review } = stage();
  review.joined([held('b', { at: '2025-03-01T10:01:00.000Z' }), held('a')], false);
  assert.deepEqual(review.entries.map(({ id }) => id), ['a', 'b']);
});

test('a decision about what nobody here knows is nothing', () => {
  const { review, shown, store } = stage();
  review.heard(decided('x', 'rejected'));
  assert.deepEqual(shown(), []);
  assert.deepEqual(store.keys(''), []);
});

test('what is stored and cannot be read is thrown away, not tripped over', () => {
  const store = storage();
  store.set('roomline/7/held/lobby/broken', '{');
  store.set('roomline/7/held/lobby/strange', '{"text":7}');
  assert.deepEqual(stage({ store }).shown(), []);
  assert.deepEqual(store.keys(''), []);
});
