import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fate, ruleOf } from '../../public/js/moderation/rule.js';

/** A form with these fields. */
const form = (fields) => {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.set(name, value);
  return data;
};

test('a rule is read of its form as the server reads it', () => {
  assert.deepEqual(ruleOf(form({ id: '3', name: ' Shops ', kind: 'links', action: 'flag', words: ' shop.example \n\nother.example', only: 'yes' })), {
    id: 3, name: 'Shops', kind: 'links', action: 'flag', words: ['shop.example', 'other.example'], only: true,
  });
  assert.deepEqual(ruleOf(form({ id: '0', name: 'Again', kind: 'repeats', action: 'hold', most: '3', seconds: '60' })), {
    id: 0, name: 'Again', kind: 'repeats', action: 'hold', most: 3, seconds: 60,
  });
});

test('a rule that has no name yet can be tried', () => {
  assert.equal(ruleOf(form({ name: ' ', kind: 'words', action: 'hold' })).name, 'New rule');
});

test('what would become of the message is said', () => {
  assert.deepEqual(['block', 'hold', 'flag'].map(fate), ['be refused', 'wait for review', 'be posted, and stand in the queue']);
});
