import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rooms } from '../../public/js/rooms.js';

const view = (slug, more = {}) => ({ slug, name: slug, posts: 10, unread: 0, mentions: 0, level: 'mentions', ...more });
const rooms = (...views) => {
  const all = new Rooms('lobby');
  all.reset([view('lobby'), ...views]);
  return all;
};

const counts = (room, latest, lastRead, unread, mentions = 0) => ({ room, latest, lastRead, unread, mentions });
const message = (seq, id = '2', more = {}) => ({ seq, rev: seq, author: { id }, ...more });

test('the counts of the server replace those of the page', () => {
  const all = rooms(view('kitchen', { head: 70, unread: 4 }));
  assert.equal(all.counted(counts('kitchen', 80, 60, 7, 1)), true, 'something was posted');
  assert.equal(all.get('kitchen').unread, 7);
  assert.equal(all.get('kitchen').mentions, 1);
  assert.equal(all.counted(counts('kitchen', 80, 60, 6)), false, 'something was deleted');
  assert.equal(all.get('kitchen').unread, 6);
  all.counted(counts('attic', 5, 0, 5));
  assert.equal(all.get('attic'), undefined, 'nobody learns of a room by its news');
});

test('counts from before the reader read on are dropped', () => {
  const all = rooms(view('kitchen', { head: 20, lastRead: 9, unread: 3 }));
  all.read('kitchen', 21, 0, 0);
  all.counted(counts('kitchen', 21, 9, 3, 1));
  assert.equal(all.get('kitchen').unread, 0);
  all.read('kitchen', 15, 2, 0); // an answer that was overtaken
  assert.equal(all.get('kitchen').unread, 0);
});

test('live messages of others count, and deletions uncount', () => {
  const all = rooms(view('kitchen', { head: 20, lastRead: 20 }));
  const live = (...messages) => {
    all.live('kitchen', messages, '1');
    return all.get('kitchen').unread;
  };
  assert.equal(live(message(21), message(22, '1'), message(23)), 2, 'the reader’s own does not count');
  assert.equal(live(message(21, '2', { rev: 24 })), 2, 'an edit');
  assert.equal(live(message(21, '2', { rev: 25, deletedAt: 'now' })), 1);
  assert.equal(live(message(22, '1', { rev: 26, deletedAt: 'now' })), 1);
  assert.equal(live(message(27, '2', { rev: 28, deletedAt: 'now' })), 1, 'one that was deleted before it came');
  assert.equal(live(message(20, '2', { rev: 29, deletedAt: 'now' })), 1, 'one that was read');
});

test('a mention counts until it is read', () => {
  const all = rooms(view('kitchen', { lastRead: 9, unread: 6, mentions: 1 }));
  all.mentioned('kitchen', 20);
  all.mentioned('kitchen', 24);
  all.mentioned('kitchen', 9);
  assert.equal(all.get('kitchen').mentions, 3);
  all.read('kitchen', 20, 2, 1);
  assert.equal(all.get('kitchen').mentions, 1);
});

test('a change of a room leaves what is the reader’s own', () => {
  const all = rooms(view('kitchen', { unread: 4, mentions: 2, level: 'all' }));
  all.change({ slug: 'kitchen', name: 'The Kitchen', posts: 12, private: true });
  assert.deepEqual(all.get('kitchen'), {
    slug: 'kitchen', name: 'The Kitchen', private: true, frozen: false, level: 'all', latest: 0, lastRead: 0,
    unread: 4, mentions: 2,
  });
  all.change({ slug: 'attic', name: 'Attic', posts: 3 });
  assert.equal(all.get('attic').unread, 0, 'a room that is new to the reader has nothing unread');
});

test('the title counts mentions, and every message where that is wanted', () => {
  const all = rooms(
    view('kitchen', { unread: 8, mentions: 2 }),
    view('news', { unread: 5, mentions: 1, level: 'all' }),
    view('noise', { unread: 70, level: 'none' }),
  );
  all.live('lobby', [message(1), message(2), message(3)], '1');
  assert.equal(all.count(false), 7, 'what is on the page is seen');
  assert.equal(all.count(true), 10, 'unless nobody looks');
  all.change(view('lobby', { unread: 3, level: 'none' }));
  assert.equal(all.count(true), 7);
});
