import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { connectionBanner } from '../../public/js/banner.js';

// As much of a page as a banner needs.
const node = () => ({ dataset: {}, children: [], append(...c) { this.children.push(...c); }, addEventListener() {} });
let banner, line, shown;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  globalThis.document = { createElement: node };
  shown = '';
  line = node();
  const box = { replaceChildren: (...c) => { shown = c.length ? c[0].children[0].textContent : ''; } };
  banner = connectionBanner({ banner: box, line, retry() {}, signIn() {} });
});
afterEach(() => {
  mock.timers.reset();
  delete globalThis.document;
});

test('a short outage is nobody’s concern', () => {
  banner.update({ name: 'reconnecting' });
  mock.timers.tick(2000);
  banner.update({ name: 'live' });
  mock.timers.tick(10_000);
  assert.equal(shown, '');
  assert.equal(line.dataset.state, 'live');
});

test('an outage counts from its beginning, however often trying fails', () => {
  for (let at = 0; at < 2000; at += 500) {
    banner.update({ name: 'reconnecting' });
    mock.timers.tick(500);
  }
  banner.update({ name: 'offline' });
  assert.equal(shown, '');
  mock.timers.tick(500);
  assert.match(shown, /^You are offline/, 'the latest state is shown');
});

test('a second outage counts anew', () => {
  banner.update({ name: 'reconnecting' });
  mock.timers.tick(2000);
  banner.update({ name: 'live' });
  banner.update({ name: 'reconnecting' });
  mock.timers.tick(2000);
  assert.equal(shown, '');
  mock.timers.tick(500);
  assert.match(shown, /^The connection is lost/);
});

test('an end is told at once', () => {
  banner.update({ name: 'reconnecting' });
  banner.update({ name: 'ended', reason: 'signed_out' });
  assert.match(shown, /^Your session has ended/);
  banner.update({ name: 'live' });
  assert.equal(shown, '');
});

test('a ban is told with what there is to say about it', () => {
  banner.update({ name: 'refused', reason: 'banned' });
  assert.equal(shown, 'You have been banned.');
  banner.update({ name: 'refused', reason: 'banned', words: 'You have been banned until 14:05.' });
  assert.equal(shown, 'You have been banned until 14:05.');
});
