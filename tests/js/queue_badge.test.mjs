import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queueBadge } from '../../public/js/moderation/badge.js';

/** A badge of a page, and the server it hears of. */
function stage() {
  const number = {};
  const badge = { hidden: true, querySelector: () => number };
  const takes = {};
  const asked = [];
  const line = { on: (event, take) => { takes[event] = take; }, ask: () => new Promise((answer) => { asked.push(answer); }) };
  queueBadge(line, () => [badge]);
  return {
    asked,
    connect: () => takes.connect(),
    heard: (id, state) => takes.report({ id, state }),
    /** Answers the latest question. */
    async answer(ids, hasOlder = false) {
      asked.at(-1)(ids ? { ok: true, reports: ids.map((id) => ({ id })), hasOlder } : { ok: false, error: {} });
      await new Promise(setImmediate);
    },
    get shown() { return badge.hidden ? '' : number.textContent; },
  };
}

test('the badge asks once and counts from then on', async () => {
  const page = stage();
  page.connect();
  await page.answer([4, 7]);
  assert.equal(page.shown, '2');
  page.heard(8, 'open');
  page.heard(8, 'open');
  assert.equal(page.shown, '3', 'one that changes counts once');
  for (const id of [4, 7, 8]) page.heard(id, 'resolved');
  assert.equal(page.shown, '');
  assert.equal(page.asked.length, 1);
});

test('what the badge hears while it asks is later than the answer', async () => {
  const page = stage();
  page.connect();
  page.heard(4, 'resolved');
  page.heard(8, 'open');
  await page.answer([4, 7]);
  assert.equal(page.shown, '2');
});

test('of more than it knows the badge asks again when few of them are left', async () => {
  const page = stage();
  page.connect();
  await page.answer(Array.from({ length: 100 }, (_, i) => i + 51), true);
  assert.equal(page.shown, '99+');
  page.heard(150, 'resolved');
  assert.equal(page.shown, '99+');
  await page.answer(Array.from({ length: 100 }, (_, i) => i + 50), false);
  page.heard(149, 'resolved');
  assert.equal(page.shown, '99');
  assert.equal(page.asked.length, 2);
});

test('without an answer the badge stays, and asks at the next news', async () => {
  const page = stage();
  page.connect();
  await page.answer(null);
  assert.equal(page.shown, '');
  page.heard(8, 'open');
  await page.answer([4, 7, 8]);
  assert.equal(page.shown, '3');
});
