// Events and acknowledgements of the Socket.IO server without the chat: what arrives is what was
// sent, once, in order.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { within } from './client.mjs';
import { ask, clients, collect, everyWay, hear, newest, next, settle, tell } from './library.mjs';

const bytes = (n, fill = 7) => Buffer.alloc(n, fill);
const deep = (depth) => (depth === 0 ? ['bottom'] : { down: deep(depth - 1) });

const arguments_ = {
  'no arguments': [],
  'null, truth and falsehood': [null, true, false],
  'numbers': [0, -1, 1.5, 5e-324, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER],
  'empty things': ['', [], {}, [[]], { '': '' }],
  'text of all planes': ['é', 'Я Б Г Д', 'てすと', '👩‍👩‍👧', '\u0000\u001f\u007f', '\ufeff\ufffe'],
  'text that other encoders escape': ['\u2028\u2029', '<script>&amp;</script>', '"\\/\b\f\n\r\t', '\x1e', '%E2%80%A8'],
  'keys that mean something elsewhere': [{ constructor: { prototype: null }, num: 0 }],
  'text that looks like a packet': ['2["event"]', '42/custom,1["x"]', '451-["x",{"_placeholder":true,"num":0}]', 'b4AAEC'],
  'many arguments': Array.from({ length: 500 }, (_, n) => n),
  'a deep tree': [deep(12)],
  'a long text': ['€'.repeat(160_000) + 'x'.repeat(20_000)],
  'no bytes': [bytes(0)],
  'all bytes': [Buffer.from(Array.from({ length: 256 }, (_, n) => n))],
  'bytes at any depth': [{ a: [bytes(1), { b: { c: [[bytes(2, 255)]] } }], text: 'beside' }, bytes(3), 4],
  'ten attachments': Array.from({ length: 10 }, (_, n) => bytes(n * 100, n)),
  'many bytes': [{ file: bytes(500_000, 0x1e) }],
};

// What the msgpack package itself spoils, or has no room for.
const inJSON = {
  'large numbers': [1e21, -1e21, 1.7976931348623157e308],
  'halves of surrogate pairs': ['\ud83d', '\udc69 x'],
  'keys of the language and of the protocol': [{ ['__proto__']: 1 }, { _placeholder: false, num: 1 }],
};
const windows = {
  'a part of a larger buffer': new Uint8Array([9, 0, 128, 255, 9]).subarray(1, 4),
};

everyWay(clients, [], (way) => {
  const msgpack = 'parser' in way.library;
  let socket;
  before(async () => { socket = await way.connect(); });

  for (const [what, sent] of Object.entries({ ...arguments_, ...!msgpack && inJSON })) {
    test(`${what}: come back in an event, in an acknowledgement, and as the answer to a question`, async () => {
      const { id } = socket;
      const back = next(socket, 'reflect');
      socket.emit('reflect', ...sent);
      assert.deepEqual(await back, sent, 'event');
      assert.deepEqual(await ask(socket, 'echo', ...sent), sent, 'acknowledgement');
      socket.once('question', (...asked) => asked.pop()(...asked));
      assert.deepEqual(await ask(socket, 'question', 10_000, ...sent), ['', sent], 'answer');
      assert.equal(socket.id, id, 'on one connection');
    });
  }

  for (const [what, sent] of Object.entries({
    'an ArrayBuffer': new Uint8Array([0, 128, 255]).buffer,
    'a Uint8Array': new Uint8Array([0, 128, 255]),
    'a DataView': new DataView(new Uint8Array([0, 128, 255]).buffer),
    'an Int16Array': new Int16Array(new Uint8Array([0, 128, 255, 0]).buffer),
    'a Float64Array': new Float64Array([Math.PI]),
    ...!msgpack && windows,
  })) {
    test(`${what} arrives as its bytes`, async () => {
      const raw = ArrayBuffer.isView(sent) ? Buffer.from(sent.buffer, sent.byteOffset, sent.byteLength) : Buffer.from(sent);
      assert.deepEqual(await ask(socket, 'echo', sent, { sent }), [raw, { sent: raw }]);
    });
  }

  test('dates become text, undefined null, and toJSON is heeded, as JSON has it', async () => {
    const date = new Date(0);
    const sent = [date, undefined, { date, left: undefined }, { toJSON: () => 'itself' }, ...msgpack ? [] : [NaN]];
    assert.deepEqual(await ask(socket, 'echo', ...sent), JSON.parse(JSON.stringify(sent)));
  });

  describe('order', () => {
    const item = (n) => (n % 3 ? n : Buffer.from(`${n}`));
    const items = Array.from({ length: 1000 }, (_, n) => item(n));

    test('a thousand events there and back, text and binary', async () => {
      const back = collect(socket, 'reflect', 1000);
      for (const item of items) socket.emit('reflect', item);
      assert.deepEqual(await back, items);
    });

    test('a thousand events from the server', async () => {
      const heard = collect(socket, 'item', 1000);
      socket.emit('count', 1000);
      assert.deepEqual(await heard, items);
    });

    test('a thousand each way from the first moment, whatever the transport does meanwhile', async () => {
      const fresh = way.dial();
      const back = collect(fresh, 'reflect', 1000);
      const heard = collect(fresh, 'item', 1000);
      fresh.emit('count', 1000);
      let sent = 0;
      const some = () => { // in portions, so that the upgrade comes between them
        for (let n = 0; n < 20; n++) fresh.emit('reflect', items[sent++]);
        if (sent < 1000) setImmediate(some);
      };
      fresh.once('connect', some);
      assert.deepEqual(await back, items);
      assert.deepEqual(await heard, items);
      await way.arrived(fresh);
      fresh.disconnect();
    });

    test('acknowledgements come in the order of their events', async () => {
      const answers = [];
      await within(new Promise((resolve) => {
        for (const item of items.slice(0, 300)) {
          socket.emit('echo', item, (back) => { if (answers.push(back) === 300) resolve(); });
        }
      }), '300 acknowledgements');
      assert.deepEqual(answers, items.slice(0, 300));
    });

    test('what is emitted before the connection is there arrives after it, in order', async () => {
      const eager = way.dial('/', { autoConnect: false });
      const back = collect(eager, 'reflect', 50);
      for (const item of items.slice(0, 50)) eager.emit('reflect', item);
      eager.connect();
      assert.deepEqual(await back, items.slice(0, 50));
      eager.disconnect();
    });
  });

  describe('acknowledgements', () => {
    test('without arguments are acknowledgements too', async () => {
      assert.deepEqual(await ask(socket, 'echo'), []);
      socket.once('question', (answer) => answer());
      assert.deepEqual(await ask(socket, 'question', 10_000), ['', []]);
    });

    test('an event nobody handles gets none, and harms nobody', async () => {
      let answered = false;
      socket.emit('nobody handles this', () => { answered = true; });
      await settle(socket);
      assert.equal(answered, false);
    });

    test('one that does not come in time is a timeout, and harmless when it comes late', async () => {
      let late;
      socket.once('question', (answer) => { late = answer; });
      assert.equal(await tell(socket, 'question', 20), 'timeout');
      late('too late');
      late('and twice');
      assert.deepEqual(await ask(socket, 'echo', 1), [1]);
    });

    test('questions of both sides cross each other', async () => {
      socket.on('question', async (n, answer) => answer(await tell(socket, 'echo', n)));
      const other = await way.connect();
      other.on('question', (n, answer) => answer(n));
      const answers = await Promise.all([1, 2, 3, 4, 5].flatMap((n) => [ask(other, 'question', 10_000, n), ask(socket, 'echo', n)]));
      assert.deepEqual(answers, [1, 2, 3, 4, 5].flatMap((n) => [['', [n]], [n]]));
      socket.off('question');
    });

    test('a question to a client that goes ends with its going', async () => {
      const watcher = await way.connect();
      await tell(watcher, 'move', { join: ['watchers'] });
      const leaver = await way.connect();
      const { id } = leaver;
      const unanswered = hear(watcher, 'unanswered', (who) => who === id);
      leaver.once('question', () => leaver.disconnect());
      leaver.emit('question', 60_000);
      assert.deepEqual(await unanswered, [id, 'socketio: the socket is disconnected']);
    });
  });

  describe('names', () => {
    for (const name of ['message', 'error', 'ping', 'open', '', '__proto__', 'constructor', 'é\u2028"', 'x'.repeat(10_000)]) {
      test(`${JSON.stringify(name).slice(0, 20)} is a name like another`, async () => {
        const any = await way.connect('/any');
        const heard = next(any, 'heard');
        any.emit(name, 1);
        assert.deepEqual(await heard, [name, 1]);
        any.disconnect();
      });
    }

    for (const name of ['connect', 'connect_error', 'disconnect', 'disconnecting', 'newListener', 'removeListener']) {
      test(`${name} is reserved on both sides`, async () => {
        assert.throws(() => socket.emit(name), /reserved/);
        assert.match(await tell(socket, 'say', { self: true }, name), /reserved/);
      });
    }

    test('a client’s catch-all hears all, with what is binary', async () => {
      const heard = [];
      const listen = (...args) => { heard.push(args); };
      socket.onAny(listen);
      socket.emit('reflect', 1, bytes(2));
      await tell(socket, 'say', { self: true, to: [socket.id] }, 'unheard of', null);
      socket.offAny(listen);
      assert.deepEqual(heard, [['reflect', 1, bytes(2)], ['unheard of', null]]);
    });
  });

  describe('volatile events', () => {
    test('arrive where somebody waits for them', async () => {
      const heard = next(socket, 'volatile');
      let tries = 0;
      for (let waiting = true; waiting; tries++) { // over polling nobody waits between two polls
        assert.ok(tries < 100, 'none of 100 arrived');
        socket.emit('volatile', tries, bytes(1));
        waiting = await Promise.race([heard.then(() => false), settle(socket).then(() => true)]);
      }
      assert.deepEqual((await heard)[1], bytes(1));
    });

    test('are dropped by the client while it is away, and other events are kept', async () => {
      const away = way.dial('/', { autoConnect: false });
      const heard = [];
      away.on('reflect', (what) => heard.push(what));
      away.volatile.emit('reflect', 'volatile');
      away.emit('reflect', 'kept');
      away.connect();
      await next(away, 'connect');
      await settle(away);
      assert.deepEqual(heard, ['kept']);
      away.disconnect();
    });
  });
});

everyWay(newest, [], (way) => {
  test('emitWithAck resolves with the answer, binary too', async () => {
    const socket = await way.connect();
    assert.deepEqual(await within(socket.emitWithAck('echo', { b: bytes(3) }), 'the answer'), { b: bytes(3) });
    assert.equal(await within(socket.timeout(10_000).emitWithAck('echo', 'x'), 'the answer'), 'x');
  });

  test('timeout fails what is not answered, and lets through what is', async () => {
    const socket = await way.connect();
    const answer = (event) => within(new Promise((resolve) => {
      socket.timeout(event === 'echo' ? 10_000 : 20).emit(event, 1, (...args) => resolve(args));
    }), event);
    const [error] = await answer('nobody handles this');
    assert.match(error.message, /timed out/);
    assert.deepEqual(await answer('echo'), [null, 1]);
  });

  test('an acknowledgement pending at the disconnect fails', async () => {
    const socket = await way.connect();
    const pending = socket.emitWithAck('nobody handles this');
    const failed = assert.rejects(within(pending, 'the failure'), /disconnected/);
    await settle(socket);
    socket.disconnect();
    await failed;
  });

  test('retries send again what was not acknowledged, and keep the order', async () => {
    const socket = way.dial('/', { retries: 3, ackTimeout: 10_000 });
    await next(socket, 'connect');
    const answers = [];
    await within(new Promise((resolve) => {
      for (let n = 0; n < 20; n++) {
        socket.emit('echo', n, (error, back) => { if (answers.push([error, back]) === 20) resolve(); });
      }
      socket.io.engine.close();
    }), 'all acknowledged');
    assert.deepEqual(answers, Array.from({ length: 20 }, (_, n) => [null, n]));
  });
});
