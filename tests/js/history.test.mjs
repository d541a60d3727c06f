import assert from 'node:assert/strict';
import { test } from 'node:test';
import { History } from '../../public/js/history.js';
import { MessageWindow } from '../../public/js/window.js';

const message = (seq) => ({ room: 'lobby', seq, rev: seq, id: `id-${seq}`, kind: 'text', author: { id: 'ada', name: 'Ada' }, text: `${seq}`, sentAt: '2025-01-01T00:00:00.000Z' });
const range = (from, to) => Array.from({ length: Math.max(to - from + 1, 0) }, (_, i) => message(from + i));

/** A room of so many messages behind a history whose view stands where it is told to. */
function roomOf(count) {
  const room = { count, asked: [], view: { above: 5000, below: 5000 }, window: new MessageWindow() };
  room.answer = ({ before, after, around }) => {
    let from = room.count - 49;
    if (before) from = before - 50;
    else if (after) from = after + 1;
    else if (around) from = around - 25;
    const to = Math.min(before ? before - 1 : from + 49, room.count);
    return { ok: true, messages: range(Math.max(from, 1), to), hasOlder: from > 1, hasNewer: to < room.count };
  };
  room.request = async (event, body) => {
    assert.equal(event, 'room:history');
    room.asked.push(body);
    return room.answer(body);
  };
  room.history = new History({ room: 'lobby', window: room.window, view: room.view, request: room.request, onChange: () => {} });
  return room;
}

const held = ({ window }) => [window.first, window.last, window.hasOlder, window.hasNewer];

test('a page comes only at the end that the reader is near, and the other end is let go', async () => {
  const room = roomOf(1000);
  await room.history.latest();
  await room.history.follow();
  assert.equal(room.asked.length, 1, 'nothing while the ends are far');
  room.view.above = 100;
  for (let n = 0; n < 7; n++) await room.history.follow();
  assert.deepEqual(held(room), [601, 900, true, true]);
  Object.assign(room.view, { above: 5000, below: 100 });
  for (let n = 0; n < 2; n++) await room.history.follow();
  assert.deepEqual(held(room), [701, 1000, true, false]);
});

test('the latest page is completed by what was said while it was on its way', async () => {
  const room = roomOf(100);
  room.request = room.history.host.request = async (event, body) => {
    const answer = room.answer(body);
    if (!body.after) {
      room.count++;
      room.window.upsert(message(room.count));
    }
    return answer;
  };
  assert.equal(await room.history.latest(), true);
  assert.deepEqual(held(room), [51, 101, true, false]);
});

test('a page that the window has been replaced under is thrown away', async () => {
  const room = roomOf(1000);
  await room.history.latest();
  room.view.above = 100;
  const older = room.history.follow();
  await room.history.around(42);
  await older;
  assert.deepEqual(held(room), [17, 66, true, true]);
});
