import assert from 'node:assert/strict';
import { test } from 'node:test';
import { breakdown, octets, spark, valueOf } from '../../public/js/moderation/figures.js';

test('a line goes from the least to the most, the most on top', () => {
  assert.equal(spark([0, 10, 5]), '0.0,27.0 50.0,1.0 100.0,14.0');
  assert.equal(spark([4, 4]), '0.0,14.0 100.0,14.0', 'what never changes is level');
  assert.equal(spark([4]), '0.0,14.0 100,14.0');
});

test('bytes are written in a unit that suits them', () => {
  assert.deepEqual([0, 999, 1000, 1_234_567, 2e9].map(octets), ['0 B', '999 B', '1.0 kB', '1.2 MB', '2.0 GB']);
});

test('of what has parts the sum is drawn, and the parts are named', () => {
  const sample = { at: '', connections: { websocket: 120, polling: 7 }, rooms: 3 };
  assert.equal(valueOf(sample, 'connections'), 127);
  assert.equal(valueOf(sample, 'rooms'), 3);
  assert.equal(valueOf(sample, 'of a later version'), 0);
  assert.equal(breakdown(sample.connections), 'polling 7, websocket 120');
});
