import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerClock, clockwork } from '../../public/js/time.js';

const paris = clockwork({ timeZone: 'Europe/Paris', locale: 'en-GB' });

for (const [what, at, now, heading] of [
  ['today', '2025-03-10T08:00:00Z', '2025-03-10T20:00:00Z', 'Today'],
  ['today is the reader’s own', '2025-03-09T23:30:00Z', '2025-03-10T20:00:00Z', 'Today'],
  ['yesterday', '2025-03-09T12:00:00Z', '2025-03-10T20:00:00Z', 'Yesterday'],
  ['yesterday over the change to summer time', '2025-03-29T23:30:00Z', '2025-03-31T08:00:00Z', 'Yesterday'],
  ['yesterday over the new year', '2024-12-31T12:00:00Z', '2025-01-01T12:00:00Z', 'Yesterday'],
  ['this year', '2025-01-06T12:00:00Z', '2025-03-10T20:00:00Z', 'Monday, 6 January'],
  ['another year', '2024-01-01T12:00:00Z', '2025-03-10T20:00:00Z', 'Monday, 1 January 2024'],
]) {
  test(`heading: ${what}`, () => {
    assert.equal(paris.heading(new Date(at), new Date(now)), heading);
  });
}

test('the clock follows the habits of the place', () => {
  const at = new Date('2025-03-10T00:05:00Z');
  assert.equal(paris.clock(at), '01:05');
  assert.match(clockwork({ timeZone: 'UTC', locale: 'en-US' }).clock(at), /^12:05\sAM$/u);
});

for (const hours of [-30, -1, 1, 26]) {
  test(`days follow the server when the browser is ${hours} h ahead`, (t) => {
    const server = Date.parse('2025-03-10T12:00:00Z');
    t.mock.timers.enable({ apis: ['Date'], now: server + hours * 3_600_000 });
    const clock = new ServerClock();
    const time = clockwork({ timeZone: 'UTC', locale: 'en-GB', clock });
    clock.set('2025-03-10T12:00:00Z');
    assert.equal(time.now(), server);
    assert.equal(time.heading(new Date('2025-03-10T08:00:00Z')), 'Today');
    t.mock.timers.tick(12 * 3_600_000);
    assert.equal(time.heading(new Date('2025-03-10T08:00:00Z')), 'Yesterday');
  });
}

test('a greeting without a time leaves the clock alone', () => {
  const clock = new ServerClock();
  clock.set(undefined);
  assert.ok(Math.abs(clock.now() - Date.now()) < 60_000);
});
