import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from '../../public/js/pace.js';

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
  pace.end();
  t.mock.timers.tick(9000);
  assert.deepEqual(shown.slice(5), [5, 0]);
});
