import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Mute, sanctionWords } from '../../public/js/mute.js';
import { ServerClock, clockwork } from '../../public/js/time.js';

const time = clockwork({ timeZone: 'Europe/Paris', locale: 'en-GB' });
const now = new Date('2025-03-01T10:00:00Z');
/** Without the marks that keep a reason's direction to itself. */
const bare = (words) => words.replace(/[\u2068\u2069]/gu, '');

for (const [what, sanction, words] of [
  ['until today', { kind: 'mute', until: '2025-03-01T13:05:00Z', reason: 'Too loud.' }, 'You are muted until 14:05. Reason: Too loud.'],
  ['until another day', { kind: 'mute', until: '2025-03-03T13:05:00Z', reason: 'Too loud.' }, 'You are muted until Monday, 3 March, 14:05. Reason: Too loud.'],
  ['until tomorrow where the reader is', { kind: 'mute', until: '2025-03-01T23:05:00Z' }, 'You are muted until Sunday, 2 March, 00:05.'],
  ['with an open end', { kind: 'mute', reason: 'Too loud.' }, 'You are muted until a moderator lifts it. Reason: Too loud.'],
  ['a ban', { kind: 'ban', until: '2025-03-01T13:05:00Z', reason: 'Again.' }, 'You have been banned until 14:05. Reason: Again.'],
  ['a ban with an open end', { kind: 'ban', reason: 'Again.' }, 'You have been banned. Reason: Again.'],
]) {
  test(`what a sanction says: ${what}`, () => assert.equal(bare(sanctionWords(sanction, time, now)), words));
}

test('a reason in another direction stays within itself', () => {
  assert.match(sanctionWords({ kind: 'mute', reason: 'ضجيج' }, time, now), /Reason: \u2068ضجيج\u2069$/u);
});

/** A Mute and what it said, at now. */
function stage(t) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: now.getTime() });
  const said = [];
  return { mute: new Mute({ time, onChange: (words) => said.push(bare(words)) }), said };
}

test('a mute ends by itself', (t) => {
  const { mute, said } = stage(t);
  mute.set({ kind: 'mute', until: '2025-03-01T10:30:00Z' });
  t.mock.timers.tick(30 * 60_000 - 1);
  assert.deepEqual(said, ['You are muted until 11:30.']);
  t.mock.timers.tick(1);
  assert.deepEqual(said.slice(1), ['']);
});

test('a mute that was lifted is over, and does not end once more', (t) => {
  const { mute, said } = stage(t);
  mute.set({ kind: 'mute', until: '2025-03-01T10:30:00Z' });
  mute.set({ kind: 'mute', until: '2025-03-01T10:30:00Z', lifted: true });
  t.mock.timers.tick(3_600_000);
  assert.deepEqual(said, ['You are muted until 11:30.', '']);
});

test('of two mutes the later one counts', (t) => {
  const { mute, said } = stage(t);
  mute.set({ kind: 'mute', until: '2025-03-01T10:30:00Z' });
  mute.set({ kind: 'mute' });
  t.mock.timers.tick(30 * 86_400_000);
  assert.deepEqual(said, ['You are muted until 11:30.', 'You are muted until a moderator lifts it.']);
});

test('hearing of the same mute again says nothing new', (t) => {
  const { mute, said } = stage(t);
  for (let n = 0; n < 3; n++) mute.set({ kind: 'mute', reason: 'Loud.' });
  assert.equal(said.length, 1);
});

test('a mute that is over when the page learns of it lets one write', (t) => {
  const { mute, said } = stage(t);
  mute.set({ kind: 'mute', until: '2025-03-01T09:59:59Z' });
  assert.deepEqual(said, ['']);
});

test('when the day of its end has come, a long mute tells the hour, and it lasts longer than a timer can', (t) => {
  const { mute, said } = stage(t);
  mute.set({ kind: 'mute', until: '2025-05-01T10:30:00Z' });
  t.mock.timers.tick(61 * 86_400_000);
  assert.deepEqual(said, ['You are muted until Thursday, 1 May, 12:30.', 'You are muted until 12:30.']);
  t.mock.timers.tick(86_400_000);
  assert.equal(said.at(-1), '');
});

test('a mute ends by the server, however wrong the browser is', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: now.getTime() + 7_200_000 });
  const clock = new ServerClock();
  clock.set(now.toISOString());
  const said = [];
  const mute = new Mute({ time: clockwork({ timeZone: 'Europe/Paris', locale: 'en-GB', clock }), onChange: (words) => said.push(bare(words)) });
  mute.set({ kind: 'mute', until: '2025-03-01T10:30:00Z' });
  assert.deepEqual(said, ['You are muted until 11:30.']);
  t.mock.timers.tick(30 * 60_000);
  assert.deepEqual(said.slice(1), ['']);
});
