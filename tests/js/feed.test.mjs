import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cursor, Feed } from '../../public/js/feed.js';

const message = (rev, seq = rev) => ({ room: 'lobby', seq, rev });
const joined = (head, messages = [], more = {}) => ({ ok: true, room: { slug: 'lobby', epoch: 'e1', head }, messages, hasOlder: false, ...more });

/** A feed at rev 10 whose joins are answered by hand. */
function stage(answers = []) {
  const log = [];
  const asked = [];
  const waits = [];
  const cursor = new Cursor('e1', 10);
  const feed = new Feed({
    room: 'lobby',
    cursor,
    request: (event, body) => {
      asked.push({ event, ...body });
      const answer = answers.shift();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    onChanges: (messages, replay) => log.push(`${replay ? 'replay' : 'live'} ${messages.map((m) => m.rev)}`),
    onReset: (answer) => log.push(`reset ${answer.reset?.reason}`),
    onJoined: () => log.push('joined'),
    onRefused: (refusal) => log.push(`refused ${refusal.code}`),
    pause: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  });
  return { feed, cursor, log, asked, waits };
}

test('the cursor moves forward only', () => {
  const cursor = new Cursor('e1', 10);
  assert.deepEqual([9, 10, 11, 11, 13, 12].map((rev) => cursor.accept(rev)), [false, false, true, false, true, false]);
  assert.deepEqual(cursor.position, { epoch: 'e1', rev: 13 });
});

test('a join asks for what comes after the cursor and takes the replay once', async () => {
  const { feed, cursor, log, asked } = stage([joined(13, [message(11), message(13, 4)])]);
  await feed.join();
  assert.deepEqual(asked, [{ event: 'room:join', room: 'lobby', since: { epoch: 'e1', rev: 10 } }]);
  assert.deepEqual(log, ['replay 11,13', 'joined']);
  feed.receive(message(13));
  feed.receive(message(14));
  assert.deepEqual(log.slice(2), ['live 14']);
  assert.equal(cursor.rev, 14);
});

test('the cursor moves to the head even when nothing visible changed', async () => {
  const { feed, cursor } = stage([joined(20)]);
  await feed.join();
  assert.equal(cursor.rev, 20);
});

test('live messages that overtake the answer to the join come after its replay', async () => {
  const { feed, log } = stage([joined(12, [message(11), message(12)])]);
  const join = feed.join();
  feed.receive(message(12));
  feed.receive(message(13));
  assert.deepEqual(log, []);
  await join;
  assert.deepEqual(log, ['replay 11,12', 'joined', 'live 13']);
});

test('messages of other rooms are not its own', async () => {
  const { feed, log } = stage([joined(10)]);
  await feed.join();
  feed.receive({ ...message(11), room: 'elsewhere' });
  assert.deepEqual(log, ['joined']);
});

test('a reset moves the cursor to the new log, backwards if need be', async () => {
  const { feed, cursor, log } = stage([{ ...joined(4), room: { slug: 'lobby', epoch: 'e2', head: 4 }, reset: { reason: 'epoch' } }]);
  await feed.join();
  assert.deepEqual(log, ['reset epoch', 'joined']);
  assert.deepEqual(cursor.position, { epoch: 'e2', rev: 4 });
});

test('no answer and a passing refusal are tried again', async () => {
  const busy = { ok: false, error: { code: 'unavailable', message: 'Busy.', retryAfter: 7 } };
  const { feed, log, waits } = stage([new Error('no answer'), busy, joined(10)]);
  await feed.join();
  assert.deepEqual(waits, [1000, 7000]);
  assert.deepEqual(log, ['joined']);
});

test('a refusal that stays is told, and not repeated', async () => {
  const { feed, log, asked } = stage([{ ok: false, error: { code: 'not_found', message: 'No such room.' } }]);
  await feed.join();
  assert.deepEqual(log, ['refused not_found']);
  assert.equal(asked.length, 1);
});

test('an answer that comes after the connection was lost counts no more', async () => {
  const { feed, cursor, log } = stage([joined(12, [message(11), message(12)])]);
  const join = feed.join();
  feed.stop();
  await join;
  assert.deepEqual(log, []);
  assert.equal(cursor.rev, 10);
});
