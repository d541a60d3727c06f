import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rooms } from '../../public/js/rooms.js';

const view = (slug, more = {}) => ({ slug, name: slug, posts: 10, unread: 0, mentions: 0, level: 'mentions', ...more });
const rooms = (...views) => {
  const all = new Rooms('lobby');
  all.reset([view('lobby'), ...views]);
  return all;
};

test('unread is what was posted since the read pointer', () => {
  const all = rooms(view('kitchen', { posts: 30, unread: 4 }));
  assert.equal(all.posted('kitchen', 33, 80), true);
  assert.equal(all.get('kitchen').unread, 7);
  all.posted('kitchen', 32, 79); // late news
  assert.equal(all.get('kitchen').unread, 7);
  all.read('kitchen', 80, 0);
  assert.equal(all.posted('kitchen', 35, 82), true);
  assert.equal(all.get('kitchen').unread, 2);
  all.posted('attic', 5, 5);
  assert.equal(all.get('attic'), undefined, 'nobody learns of a room by its news');
});

test('what was read elsewhere before its news came is not counted', () => {
  const all = rooms(view('kitchen'));
  all.read('kitchen', 21, 0);
  assert.equal(all.posted('kitchen', 11, 21), true);
  assert.equal(all.get('kitchen').unread, 0);
  all.read('kitchen', 22, 0);
  assert.equal(all.posted('kitchen', 13, 23), false, 'how many of the two were read only the server knows');
  all.reset([view('kitchen', { posts: 13, unread: 1 })]);
  assert.equal(all.posted('kitchen', 14, 24), true);
  assert.equal(all.get('kitchen').unread, 2);
});

test('a mention counts until it is read, once', () => {
  const all = rooms(view('kitchen', { unread: 6, mentions: 1 }));
  all.mentioned('kitchen', 20);
  all.mentioned('kitchen', 20);
  all.mentioned('kitchen', 24);
  assert.equal(all.get('kitchen').mentions, 3);
  all.read('kitchen', 20, 2);
  assert.equal(all.get('kitchen').mentions, 1, 'the one from before is older than those heard of');
  all.read('kitchen', 25, 0);
  assert.equal(all.get('kitchen').mentions, 0);
});

test('how many mentions are left is never more than what is unread', () => {
  const all = rooms(view('kitchen', { unread: 6, mentions: 5 }));
  all.read('kitchen', 20, 2);
  assert.equal(all.get('kitchen').mentions, 2);
});

test('a change of a room leaves what is the reader’s own', () => {
  const all = rooms(view('kitchen', { unread: 4, mentions: 2, level: 'all' }));
  all.change({ slug: 'kitchen', name: 'The Kitchen', posts: 12, private: true });
  assert.deepEqual(all.get('kitchen'), {
    slug: 'kitchen', name: 'The Kitchen', private: true, frozen: false, level: 'all', posts: 10, latest: 0, lastRead: 0, sure: true,
    unread: 4, mentions: 2, heard: [],
  });
  all.posted('kitchen', 12, 30);
  assert.equal(all.get('kitchen').unread, 6);
  all.change({ slug: 'attic', name: 'Attic', posts: 3 });
  assert.equal(all.get('attic').unread, 3, 'of a room that is new to the reader nothing is read');
});

test('the title counts mentions, and every message where that is wanted', () => {
  const all = rooms(
    view('kitchen', { unread: 8, mentions: 2 }),
    view('news', { unread: 5, mentions: 1, level: 'all' }),
    view('noise', { unread: 70, level: 'none' }),
  );
  all.arrived(3);
  assert.equal(all.count(false), 7, 'what is on the page is seen');
  assert.equal(all.count(true), 10, 'unless nobody looks');
  all.change(view('lobby', { unread: 3, level: 'none' }));
  assert.equal(all.count(true), 7);
});
