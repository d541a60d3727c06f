import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Reactions, wished } from '../../public/js/reactions.js';

const [ada, ben] = ['ada', 'ben'].map((name) => ({ id: name, name }));
/** Reactions in short. */
const short = (list) => list.map(({ emoji, users }) => `${emoji} ${users.map(({ name }) => name).join(',')}`).join('; ');

test('a wish shows as if it were done, and keeps the order', () => {
  const reactions = [{ emoji: '👍', users: [ben] }, { emoji: '🎉', users: [ada, ben] }];
  const as = (wishes) => short(wished(reactions, new Map(wishes.map(([emoji, on]) => [emoji, { on }])), ada));
  assert.equal(as([]), '👍 ben; 🎉 ada,ben');
  assert.equal(as([['👍', true]]), '👍 ben,ada; 🎉 ada,ben');
  assert.equal(as([['🎉', false]]), '👍 ben; 🎉 ben');
  assert.equal(as([['❤️', true]]), '👍 ben; 🎉 ada,ben; ❤️ ada');
  assert.equal(as([['🎉', true], ['👍', false]]), '👍 ben; 🎉 ada,ben', 'what already is so changes nothing');
  assert.equal(short(wished([{ emoji: '👍', users: [ada] }], new Map([['👍', { on: false }]]), ada)), '', 'nobody is nothing');
});

/** Reactions of ada at one message, with a server whose answers are given by hand. */
function stage() {
  const message = { seq: 1, rev: 1, reactions: [{ emoji: '👍', users: [ben] }] };
  const asked = [];
  const answers = [];
  const trouble = [];
  const reactions = new Reactions({
    me: ada,
    request: (event, body) => {
      asked.push(`${body.emoji} ${body.on}`);
      return new Promise((ok, lost) => answers.push({ ok, lost }));
    },
    onWish: () => {},
    onChanged: (changed) => Object.assign(message, changed),
    onTrouble: (words) => trouble.push(words),
  });
  return { reactions, message, asked, answers, trouble, shown: () => short(reactions.of(message)) };
}

test('a reaction is seen before the server answers', async () => {
  const { reactions, message, answers, shown } = stage();
  const done = reactions.toggle(message, '👍');
  assert.equal(shown(), '👍 ben,ada');
  answers[0].ok({ ok: true, message: { rev: 2, reactions: [{ emoji: '👍', users: [ben, ada] }] } });
  await done;
  assert.equal(shown(), '👍 ben,ada');
});

test('refused or unanswered it is taken back, and said', async () => {
  const { reactions, message, answers, trouble, shown } = stage();
  let done = reactions.toggle(message, '🎉');
  answers[0].ok({ ok: false, error: { code: 'invalid', message: 'Too many.' } });
  await done;
  assert.equal(shown(), '👍 ben');
  done = reactions.toggle(message, '🎉');
  answers[1].lost(new Error('gone'));
  await done;
  assert.equal(shown(), '👍 ben');
  assert.match(trouble.join('; '), /^Not reacted\. Too many\.; Not reacted\. .*did not answer/);
});

test('pressed twice, the later wish counts while the first answer comes', async () => {
  const { reactions, message, asked, answers, shown } = stage();
  const first = reactions.toggle(message, '🎉');
  const second = reactions.toggle(message, '🎉');
  assert.deepEqual(asked, ['🎉 true', '🎉 false']);
  answers[0].ok({ ok: true, message: { rev: 2, reactions: [{ emoji: '👍', users: [ben] }, { emoji: '🎉', users: [ada] }] } });
  await first;
  assert.equal(shown(), '👍 ben');
  answers[1].ok({ ok: true, message: { rev: 3, reactions: [{ emoji: '👍', users: [ben] }] } });
  await second;
  assert.equal(shown(), '👍 ben');
});

test('a deleted message has none', () => {
  const { reactions, message } = stage();
  assert.deepEqual(reactions.of({ ...message, deletedAt: '2025-01-01T00:00:00.000Z' }), []);
});
