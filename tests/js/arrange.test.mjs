import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrange } from '../../public/js/arrange.js';
import { clockwork } from '../../public/js/time.js';

const time = clockwork({ timeZone: 'Europe/Paris', locale: 'en-GB' });
const message = (seq, who, sentAt) => ({ room: 'lobby', seq, rev: seq, id: `i${seq}`, kind: 'text', author: { id: who, name: who }, text: '', sentAt });

/** The layout in short: keys, with a bar before rows that are grouped. */
const layout = (messages, pending = [], more = {}) =>
  arrange(messages, pending, { me: 'me', time, ...more }).map((item) => ('grouped' in item && item.grouped ? '|' : '') + item.key).join(' ');

test('rows of one author within five minutes are grouped', () => {
  assert.equal(layout([
    message(1, 'ada', '2025-03-01T10:00:00.000Z'),
    message(2, 'ada', '2025-03-01T10:04:59.000Z'),
    message(3, 'ada', '2025-03-01T10:09:59.000Z'),
    message(4, 'ben', '2025-03-01T10:10:00.000Z'),
    message(5, 'ada', '2025-03-01T10:10:01.000Z'),
  ]), 'd2025-03-01 m1 |m2 m3 m4 m5');
});

test('a day begins with a heading, in the zone of the reader, and breaks the group', () => {
  assert.equal(layout([
    message(1, 'ada', '2025-03-01T22:58:00.000Z'),
    message(2, 'ada', '2025-03-01T23:01:00.000Z'),
  ]), 'd2025-03-01 m1 d2025-03-02 m2');
});

test('the divider stands before the first message that had not been read, and breaks the group', () => {
  const messages = [1, 2, 3].map((seq) => message(seq, 'ada', '2025-03-01T10:00:00.000Z'));
  assert.equal(layout(messages, [], { dividerAfter: 1 }), 'd2025-03-01 m1 new m2 |m3');
  assert.equal(layout(messages, [], { dividerAfter: 3 }), 'd2025-03-01 m1 |m2 |m3');
  assert.equal(layout(messages, [], { dividerAfter: 0 }), 'd2025-03-01 m1 |m2 |m3');
});

test('what is on its way stands at the end and groups with what its author said before', () => {
  const at = Date.parse('2025-03-01T10:01:00.000Z');
  assert.equal(layout(
    [message(1, 'me', '2025-03-01T10:00:00.000Z')],
    [{ id: 'a', text: '', at }, { id: 'b', text: '', at: at + 1 }],
  ), 'd2025-03-01 m1 |pa |pb');
});

test('a clock that was set back does not bring the same key twice', () => {
  assert.equal(layout([
    message(1, 'ada', '2025-03-02T10:00:00.000Z'),
    message(2, 'ada', '2025-03-01T10:00:00.000Z'),
    message(3, 'ada', '2025-03-02T10:00:00.000Z'),
  ]), 'd2025-03-02 m1 d2025-03-01 m2 d2025-03-02+ m3');
});

test('there is no divider while the page with what had been read is not held, nor above one’s own words', () => {
  const messages = [5, 6].map((seq) => message(seq, 'ada', '2025-03-01T10:00:00.000Z'));
  assert.equal(layout(messages, [], { dividerAfter: 3 }), 'd2025-03-01 m5 |m6');
  assert.equal(layout([message(3, 'ada', '2025-03-01T10:00:00.000Z'), ...messages], [], { dividerAfter: 3 }), 'd2025-03-01 m3 new m5 |m6');
  assert.equal(layout([messages[0], message(6, 'me', '2025-03-01T10:00:00.000Z')], [], { dividerAfter: 5 }), 'd2025-03-01 m5 m6');
});

test('the seam of two pages is laid out as if they had come as one', () => {
  const older = [1, 2].map((seq) => message(seq, 'ada', '2025-03-01T10:00:00.000Z'));
  const newer = [3, 4].map((seq) => message(seq, 'ada', '2025-03-01T10:01:00.000Z'));
  assert.equal(layout(newer), 'd2025-03-01 m3 |m4');
  assert.equal(layout([...older, ...newer]), 'd2025-03-01 m1 |m2 |m3 |m4');
});

test('an answer begins a group of its own', () => {
  const answer = { ...message(2, 'ada', '2025-03-01T10:00:01.000Z'), replyTo: 1 };
  assert.equal(layout([message(1, 'ada', '2025-03-01T10:00:00.000Z'), answer, message(3, 'ada', '2025-03-01T10:00:02.000Z')]),
    'd2025-03-01 m1 m2 |m3');
});

test('what waits for review stands at the end by itself, under no day', () => {
  const at = Date.parse('2025-02-27T10:01:00.000Z');
  assert.equal(layout(
    [message(1, 'me', '2025-03-01T10:00:00.000Z')],
    [{ id: 'a', text: '', at: Date.parse('2025-03-01T10:00:01.000Z') }, { id: 'h', text: '', at, status: { failed: false, words: '', held: 'waiting' } }],
  ), 'd2025-03-01 m1 |pa ph');
});
