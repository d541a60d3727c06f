// Wrong input of every kind on every event: each is answered with the contract's code, at once,
// and the connection lives on.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { messageID } from './client.mjs';
import { Server, transports, unlimited } from './harness.mjs';

let server, ada, ben;

before(async () => {
  server = await Server.start();
  await server.signUp('olga');
  ada = await server.signUp('ada');
  ben = await server.signUp('ben');
});
after(() => server.close());

const long = 'ä'.repeat(4001);
const nested = (depth) => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

// What each event must refuse beside what all must: [request, code]. {seq} of the request is
// filled with the seq of a message of ada's.
const wrong = {
  'room:join': [
    [{}, 'invalid'], [{ room: '' }, 'invalid'], [{ room: 7 }, 'invalid'], [{ room: 'nowhere' }, 'not_found'],
    [{ room: '../lobby' }, 'not_found'], [{ room: 'lobby', since: 3 }, 'invalid'],
    [{ room: 'lobby', since: { epoch: 'x', rev: -1 } }, 'invalid'], [{ room: 'lobby', since: { epoch: 'x', rev: 1.5 } }, 'invalid'],
    [{ room: 'lobby', since: { epoch: 5, rev: 1 } }, 'invalid'], [{ room: 'lobby', role: 'owner' }, 'invalid'],
  ],
  'room:leave': [[{}, 'invalid'], [{ room: null }, 'invalid'], [{ room: 'nowhere' }, 'not_found']],
  'room:list': [[{ room: 'lobby' }, 'invalid']],
  'room:history': [
    [{}, 'invalid'], [{ room: 'nowhere' }, 'not_found'], [{ room: 'lobby', before: 'x' }, 'invalid'],
    [{ room: 'lobby', before: -1 }, 'invalid'], [{ room: 'lobby', before: 1, after: 1 }, 'invalid'],
    [{ room: 'lobby', limit: -1 }, 'invalid'], [{ room: 'lobby', limit: 1e300 }, 'invalid'],
    [{ room: 'lobby', around: 9e15, limit: 2.5 }, 'invalid'],
  ],
  'room:read': [
    [{}, 'invalid'], [{ room: 'lobby' }, 'invalid'], [{ room: 'lobby', seq: -5 }, 'invalid'],
    [{ room: 'lobby', seq: '1' }, 'invalid'], [{ room: 'nowhere', seq: 1 }, 'not_found'],
  ],
  'message:send': [
    [{}, 'invalid'], [{ room: 'lobby', id: messageID() }, 'invalid'], [{ room: 'lobby', text: 'no id' }, 'invalid'],
    [{ room: 'lobby', id: 'short', text: 'x' }, 'invalid'], [{ room: 'lobby', id: 'x'.repeat(65), text: 'x' }, 'invalid'],
    [{ room: 'lobby', id: 'with blanks in it', text: 'x' }, 'invalid'], [{ room: 'lobby', id: messageID(), text: '' }, 'invalid'],
    [{ room: 'lobby', id: messageID(), text: ' \n\t ' }, 'invalid'], [{ room: 'lobby', id: messageID(), text: long }, 'invalid'],
    [{ room: 'lobby', id: messageID(), text: ['x'] }, 'invalid'], [{ room: 'lobby', id: messageID(), text: { toString: 'x' } }, 'invalid'],
    [{ room: 'lobby', id: messageID(), text: 'x', replyTo: -1 }, 'invalid'],
    [{ room: 'lobby', id: messageID(), text: 'x', replyTo: 9e15 }, 'not_found'],
    [{ room: 'nowhere', id: messageID(), text: 'x' }, 'not_found'], [{ room: 'admin', id: messageID(), text: 'x' }, 'not_found'],
    [{ room: 'lobby', id: messageID(), text: 'x', author: 'olga' }, 'invalid'],
    [{ room: 'lobby', id: messageID(), text: 'x', kind: 'system' }, 'invalid'],
  ],
  'message:edit': [
    [{}, 'invalid'], [{ room: 'lobby', text: 'x' }, 'invalid'], [{ room: 'lobby', seq: '{seq}', text: '' }, 'invalid'],
    [{ room: 'lobby', seq: '{seq}', text: long }, 'invalid'], [{ room: 'lobby', seq: 9e15, text: 'x' }, 'not_found'],
    [{ room: 'nowhere', seq: '{seq}', text: 'x' }, 'not_found'],
  ],
  'message:delete': [
    [{}, 'invalid'], [{ room: 'lobby' }, 'invalid'], [{ room: 'lobby', seq: 0.5 }, 'invalid'],
    [{ room: 'lobby', seq: 9e15 }, 'not_found'], [{ room: 'nowhere', seq: '{seq}' }, 'not_found'],
  ],
};

// What no event takes as its request: each list is the arguments of an emit.
const malformed = {
  'no request': [], 'null': [null], 'a string': ['lobby'], 'a number': [7], 'an array': [[]], 'a boolean': [true],
  'binary': [Buffer.from([1, 2, 3])],
  'binary inside': [{ room: Buffer.from('lobby') }], 'something deep': [{ room: nested(10) }],
  'something far too deep': [{ room: nested(1000) }],
  'a prototype': [JSON.parse('{"__proto__": {"room": "lobby"}, "constructor": 1}')],
};

/** Emits an event with each of [name, arguments, code] and fails unless each is refused with its code. */
async function assertRefused(client, event, cases) {
  const surprises = [];
  for (const [name, args, code] of cases) {
    const { ok, error } = await client.ask(event, ...args);
    if (ok || error?.code !== code) surprises.push(`${name}: ${ok ? 'granted' : `${error.code} (${error.message})`}, not ${code}`);
    else assert.notEqual(error.message, '', name);
  }
  assert.deepEqual(surprises, [], event);
}

for (const [way, names] of Object.entries(transports)) {
  describe(`over ${way}`, () => {
    let a, seq;

    before(async () => {
      a = await ada.join('lobby', { transports: names });
      ({ seq } = await a.send('lobby', `still here, over ${way}`));
    });
    after(() => a.close());

    const filled = (request) => (request.seq === '{seq}' ? { ...request, seq } : request);

    for (const [event, cases] of Object.entries(wrong)) {
      test(`${event} refuses wrong requests with their code`, async () => {
        await assertRefused(a, event, cases.map(([request, code]) => [JSON.stringify(request).slice(0, 120), [filled(request)], code]));
      });

      test(`${event} takes one object and nothing else`, async () => {
        await assertRefused(a, event, Object.entries(malformed).map(([name, args]) => [name, args, 'invalid']));
      });
    }

    test('typing with wrong input changes nothing', async () => {
      for (const args of [...Object.values(malformed), [{ room: 'nowhere', on: true }], [{ room: 'lobby', on: 'yes' }]]) {
        a.socket.emit('typing', ...args);
      }
      await a.ok('room:list', {});
    });

    test('an event nobody knows is answered as such', async () => {
      for (const event of ['message:shout', '__proto__', '42', '', 'x'.repeat(1000)]) {
        a.socket.emit(event, {});
        assert.equal((await a.refusal(event, { room: 'lobby' })).code, 'invalid', event);
      }
    });

    test('after all that nothing was posted and the connection is the same', async () => {
      const { messages } = await a.ok('room:history', { room: 'lobby', limit: 100 });
      assert.equal(messages.at(-1).seq, seq);
      assert.equal(messages.at(-1).text, `still here, over ${way}`);
      assert.deepEqual(a.heard('disconnect'), []);
    });
  });
}

test('what is deleted stays deleted: no edit, no second delete brings it back', async () => {
  const a = await ada.join('lobby');
  const { seq } = await a.send('lobby', 'gone soon');
  await a.ok('message:delete', { room: 'lobby', seq });
  const error = await a.refusal('message:edit', { room: 'lobby', seq, text: 'back again' });
  assert.ok(['not_found', 'forbidden'].includes(error.code), error.code);
  const again = await a.ask('message:delete', { room: 'lobby', seq });
  if (again.ok) assert.ok(again.message.deletedAt, 'a repeated delete is the same delete');
  const b = await ben.join('lobby');
  assert.equal(b.joined.messages.find((m) => m.seq === seq).text ?? '', '');
});

test('with the default limits the sixth message at once is refused and told when to come back', async () => {
  const strict = await Server.start({ args: [] });
  try {
    const olga = await strict.signUp('olga');
    const a = await olga.join('lobby');
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) =>
      a.ask('message:send', { room: 'lobby', id: messageID(), text: `quick ${n}` })));
    assert.equal(answers.filter(({ ok }) => ok).length, 5);
    for (const { error } of answers.slice(5)) {
      assert.equal(error.code, 'rate_limited');
      assert.ok(error.retryAfter > 0 && error.retryAfter <= 10, `retryAfter ${error.retryAfter}`);
    }
  } finally {
    await strict.close();
  }
});

test('a packet over the payload limit ends that connection and nobody else’s', async () => {
  const small = await Server.start({ args: [...unlimited, '--max-payload=10000'] });
  try {
    const olga = await small.signUp('olga');
    for (const names of [transports.polling, transports.websocket]) {
      const safe = await olga.join('lobby');
      const greedy = await olga.join('lobby', { transports: names });
      greedy.socket.emit('message:send', { room: 'lobby', id: messageID(), text: 'x'.repeat(20_000) });
      await greedy.hear('disconnect');
      await safe.ok('room:list', {});
      assert.deepEqual(safe.heard('message'), []);
      safe.close();
    }
  } finally {
    await small.close();
  }
});
