import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Quotes } from '../../public/js/quotes.js';

const message = (seq, rev = seq) => ({ seq, rev });
const settled = () => new Promise((done) => { setImmediate(done); });

/** Quotes with a window that holds 100, and a server that has all but 13. */
function stage({ lost = 0 } = {}) {
  const asked = [];
  let changes = 0;
  const quotes = new Quotes({
    window: { get: (seq) => (seq === 100 ? message(100) : undefined) },
    request: async (event, { seqs }) => {
      asked.push(seqs);
      if (asked.length <= lost) throw new Error('no answer');
      return { ok: true, messages: seqs.filter((seq) => seq !== 13).map((seq) => message(seq)) };
    },
    onChange: () => { changes += 1; },
  });
  return { quotes, asked, changes: () => changes };
}

test('what the window holds is not asked for', () => {
  const { quotes } = stage();
  assert.equal(quotes.get(100).seq, 100);
});

test('what is wanted in one turn is asked for once, and known then; what does not exist too', async () => {
  const { quotes, asked, changes } = stage();
  for (const seq of [7, 13, 7, 9]) quotes.want(seq);
  assert.equal(quotes.get(7), undefined);
  await settled();
  assert.deepEqual(asked, [[7, 13, 9]]);
  assert.equal(changes(), 1);
  assert.deepEqual([7, 9, 13].map((seq) => quotes.get(seq)?.seq), [7, 9, undefined]);
  assert.equal(quotes.get(13), null);
});

test('no more than fifty are asked for at once', async () => {
  const { quotes, asked } = stage();
  for (let seq = 1; seq <= 60; seq++) quotes.want(seq);
  await settled();
  assert.equal(asked[0].length, 50);
});

test('without an answer they can be wanted again', async () => {
  const { quotes, asked } = stage({ lost: 1 });
  quotes.want(7);
  await settled();
  assert.equal(quotes.get(7), undefined);
  quotes.want(7);
  await settled();
  assert.equal(asked.length, 2);
  assert.equal(quotes.get(7).seq, 7);
});

test('a change is taken, an older state is not', async () => {
  const { quotes } = stage();
  quotes.want(7);
  await settled();
  quotes.take([message(7, 20)]);
  quotes.take([message(7, 19)]);
  assert.equal(quotes.get(7).rev, 20);
  quotes.take([message(8, 21), message(22)]);
  assert.equal(quotes.get(8).rev, 21, 'a change outside of the window');
  assert.equal(quotes.get(22), undefined, 'but not what is new');
});

test('the answer to a question that was asked before a change does not undo it', async () => {
  const { quotes } = stage();
  quotes.want(7);
  quotes.take([message(7, 20)]);
  await settled();
  assert.equal(quotes.get(7).rev, 20);
});

test('a bounded number is kept', () => {
  const { quotes } = stage();
  for (let seq = 1; seq <= 600; seq++) quotes.take([message(seq + 1000, seq + 5000)]);
  assert.equal(quotes.get(1001), undefined);
  assert.equal(quotes.get(1600).seq, 1600);
});
