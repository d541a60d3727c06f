import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace, pauseWords } from '../../public/js/pace.js';

test('it counts whole seconds down to nothing, and the longer wait counts', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const shown = [];
  const pace = new Pace((seconds) => shown.push(seconds));
  pace.wait(2500);
  pace.wait(1000);
  t.mock.timers.tick(500);
  t.mock.timers.tick(1000);
  t.mock.timers.tick(1000);
  assert.deepEqual(shown, [3, 3, 2, 1, 0]);
  pace.wait(5000);
  pace.atMost(0);
  t.mock.timers.tick(9000);
  assert.deepEqual(shown.slice(5), [5, 0]);
});

test('nobody waits longer than the room asks for now', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const shown = [];
  const pace = new Pace((seconds) => shown.push(seconds));
  pace.wait(60_000);
  pace.atMost(2000);
  t.mock.timers.tick(2000);
  pace.atMost(5000);
  assert.deepEqual(shown, [60, 2, 0, 0]);
});

test('a pause is said in the largest unit that it is whole in', () => {
  for (const [seconds, words] of [
    [1, '1 second'], [30, '30 seconds'], [60, '1 minute'], [90, '90 seconds'], [300, '5 minutes'],
    [3600, '1 hour'], [5400, '90 minutes'], [21_600, '6 hours'], [86_400, '1 day'], [0, '0 seconds'],
  ]) assert.equal(pauseWords(seconds), words);
});
