import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chose, findEmoji, loadEmoji, recentEmoji } from '../../public/js/emoji.js';
import { openStore } from '../../public/js/storage.js';

const groups = [
  { name: 'Smileys', emoji: [{ emoji: '😸', codes: ['smile_cat'] }, { emoji: '😄', codes: ['smile'] }, { emoji: '😅', codes: ['sweat_smile'] }] },
  { name: 'People', emoji: [{ emoji: '👍', codes: ['+1', 'thumbsup'] }, { emoji: '🙌', codes: ['raised_hands'] }] },
];
const found = (query) => findEmoji(groups, query).map(({ emoji }) => emoji).join('');

test('emoji are found by any of their names, the nearest first', () => {
  assert.equal(found('smile'), '😄😸😅');
  assert.equal(found('Smile c'), '😸');
  assert.equal(found('thumb'), '👍');
  assert.equal(found('hands'), '🙌');
  assert.equal(found('xyz'), '');
});

test('the last chosen come first, each once, and the usual ones fill up', () => {
  const store = openStore(() => { throw new Error('no storage'); });
  assert.equal(recentEmoji(store, 'k')[0], '👍');
  for (const emoji of ['🎉', '🚀', '🎉']) chose(store, 'k', emoji);
  assert.deepEqual(recentEmoji(store, 'k').slice(0, 3), ['🎉', '🚀', '👍']);
  assert.equal(recentEmoji(store, 'k').filter((one) => one === '🎉').length, 1);
});

test('they are fetched once, and again only after a failure', async (t) => {
  let asked = 0;
  t.mock.method(globalThis, 'fetch', async () => {
    asked += 1;
    return asked === 1 ? new Response('', { status: 500 }) : Response.json([{ name: 'Smileys', emoji: [['😄', 'smile', 'happy']] }]);
  });
  await assert.rejects(loadEmoji());
  assert.deepEqual(await loadEmoji(), [{ name: 'Smileys', emoji: [{ emoji: '😄', codes: ['smile', 'happy'] }] }]);
  await loadEmoji();
  assert.equal(asked, 2);
});
