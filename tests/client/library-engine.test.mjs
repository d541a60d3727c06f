// The Engine.IO server alone, which says back every message, with engine.io-client.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Socket } from 'engine.io-client';
import { within } from './client.mjs';
import { transports } from './harness.mjs';
import { collect, next, Program } from './library.mjs';

const quiet = ['-profile', 'engine', '-ping-interval', '25s', '-ping-timeout', '20s'];
const lively = ['-profile', 'engine', '-ping-interval', '200ms', '-ping-timeout', '10s'];
const opened = [];
after(() => opened.forEach((socket) => socket.close()));

/** A client as it is while it opens. */
function dial({ url }, way, options) {
  const socket = new Socket(url, { path: '/engine.io/', transports: transports[way], ...options });
  opened.push(socket);
  return socket;
}

/** A client that is open, and upgraded where the way says so. */
async function open(program, way, options) {
  const socket = dial(program, way, options);
  await next(socket, 'open');
  await arrived(socket, way);
  return socket;
}

async function arrived(socket, way) {
  const wanted = way === 'polling' ? 'polling' : 'websocket';
  if (socket.transport.name !== wanted) await next(socket, 'upgrade');
  assert.equal(socket.transport.name, wanted);
}

/** Resolves with why a client was closed, and details. An error may come before. */
const closing = (socket) => within(new Promise((resolve) => {
  socket.once('close', (...why) => resolve(why));
}), 'the end of the connection');

/** Resolves with what the server says back to one message. */
async function echo(socket, message) {
  const back = next(socket, 'message');
  socket.send(message);
  return (await back)[0];
}

for (const way of Object.keys(transports)) {
  describe(`over ${way}`, () => {
    let program;
    before(async () => { program = await Program.start(quiet); });
    after(() => program.close());

    test('the handshake has exactly its five members', async () => {
      const socket = dial(program, way);
      const open = next(socket, 'open');
      const [{ sid, ...rest }] = await next(socket, 'handshake');
      assert.match(sid, /^[\w-]{20,}$/);
      const upgrades = way === 'websocket' ? [] : ['websocket'];
      assert.deepEqual(rest, { upgrades, pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1_000_000 });
      assert.equal(socket.id, sid);
      await open;
      await arrived(socket, way);
    });

    test('an upgrade is told once, to WebSocket, and the id stays', async () => {
      const socket = dial(program, way);
      const upgrades = [];
      socket.on('upgrade', ({ name }) => upgrades.push(name));
      await next(socket, 'open');
      const { id } = socket;
      await arrived(socket, way);
      assert.equal(await echo(socket, 'x'), 'x');
      assert.equal(socket.id, id);
      assert.deepEqual(upgrades, way === 'upgrade' ? ['websocket'] : []);
    });

    for (const [what, message] of Object.entries({
      'text': 'hello', 'text of all planes': 'é – 値 – 👩‍👩‍👧 \ufeff', 'line separators': '\u2028\u2029\r\n\0',
      'text that looks like packets': 'b4AAEC', 'no bytes': Buffer.alloc(0), 'all bytes': Buffer.from(Array.from({ length: 256 }, (_, n) => n)),
      'bytes of the separator': Buffer.alloc(300, 0x1e),
    })) {
      test(`${what} comes back`, async () => {
        assert.deepEqual(await echo(await open(program, way), message), message);
      });
    }

    test('an empty text comes back', async () => {
      assert.equal(await echo(await open(program, way), ''), undefined, 'which is how the client says it');
    });

    test('a thousand messages, text and binary, come back in order, during the upgrade too', async () => {
      const sent = Array.from({ length: 1000 }, (_, n) => (n % 3 ? `${n}` : Buffer.from(`${n}`)));
      const socket = dial(program, way);
      const back = collect(socket, 'message', 1000);
      let n = 0;
      const some = () => {
        while (n < sent.length) {
          socket.send(sent[n++]);
          if (n % 20 === 0) {
            setImmediate(some); // in portions, so that the upgrade comes between them
            return;
          }
        }
      };
      socket.once('open', some);
      assert.deepEqual(await back, sent);
      await arrived(socket, way);
    });

    const over = (n) => ({
      polling: Buffer.alloc(Math.floor((n - 1) / 4) * 3), websocket: Buffer.alloc(n), upgrade: Buffer.alloc(n),
    })[way];
    for (const [what, fits, tooMuch] of [
      ['of text', 'x'.repeat(999_999), 'x'.repeat(1_000_000)],
      ['of text that counts in bytes', '€'.repeat(333_333), '€'.repeat(333_333) + 'x'],
      ['of binary', over(1_000_000), over(1_000_004)],
    ]) {
      test(`a payload ${what} may have maxPayload and not a byte more`, async () => {
        const socket = await open(program, way);
        assert.deepEqual(await echo(socket, fits), fits);
        const closed = closing(socket);
        socket.send(tooMuch);
        const [reason, details] = await closed;
        if (way === 'polling') {
          assert.equal(reason, 'transport error');
          assert.equal(details.description, 413);
        } else {
          assert.equal(reason, 'transport close');
          assert.equal(details.context.code, 1009);
        }
      });
    }

    test('two hundred clients at once are each given their own', async () => {
      await Promise.all(Array.from({ length: 200 }, async (_, n) => {
        const socket = await open(program, way);
        assert.equal(await echo(socket, `client ${n}`), `client ${n}`);
        assert.deepEqual(await echo(socket, Buffer.from([n])), Buffer.from([n]));
        const closed = closing(socket);
        socket.close();
        assert.equal((await closed)[0], 'forced close');
      }));
    });

    test('a heartbeat keeps the connection, and messages between the pings too', async () => {
      const beating = await Program.start(lively);
      const socket = await open(beating, way);
      const { id } = socket;
      for (let n = 0; n < 6; n++) {
        await next(socket, 'ping');
        assert.equal(await echo(socket, `${n}`), `${n}`);
      }
      assert.equal(socket.readyState, 'open');
      assert.equal(socket.id, id);
      socket.close();
      await beating.close();
    });
  });

  describe(`over ${way} the end is told`, () => {
    for (const [what, flags, end, reasons] of [
      ['when the client closes', quiet, ({ socket }) => socket.close(), /^forced close$/],
      ['when the server stops', quiet, ({ program }) => program.close(), /^transport close$/],
      ['when the server dies', quiet, ({ program }) => program.kill(), /^transport (close|error)$/],
      ['when the server hangs', ['-profile', 'engine', '-ping-interval', '500ms', '-ping-timeout', '500ms'],
        ({ program }) => program.freeze(), /^ping timeout$/],
    ]) {
      test(what, async () => {
        const program = await Program.start(flags);
        try {
          const socket = await open(program, way);
          const closed = closing(socket);
          const ended = end({ socket, program });
          assert.match((await closed)[0], reasons);
          assert.equal(socket.readyState, 'closed');
          await within(Promise.resolve(ended), 'the end of the program');
        } finally {
          await program.kill();
        }
      });
    }
  });
}
