// The Socket.IO server under the chat, without the chat, with the official client: what the
// chat itself does not need, binary above all.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import { within } from './client.mjs';
import { transports } from './harness.mjs';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

let server, address;

before(async () => {
  const binary = path.join(repository, 'tests/out/conformance');
  server = spawn(binary, ['-addr', '127.0.0.1:0', '-profile', 'socket', '-ping-interval', '25s', '-ping-timeout', '20s'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await within(once(createInterface(server.stdout), 'line'), 'listening');
  address = line.replace('listening on ', '');
});

after(async () => {
  const ended = once(server, 'exit');
  server.kill('SIGTERM');
  assert.deepEqual(await within(ended, 'the end'), [0, null]);
});

for (const [way, names] of Object.entries(transports)) {
  describe(`over ${way}`, () => {
    let socket;

    before(async () => {
      socket = io(address, { transports: names, forceNew: true, reconnectionDelay: 10 });
      const [auth] = await within(once(socket, 'auth'), 'auth');
      assert.deepEqual(auth, {});
      if (names.length > 1 && socket.io.engine.transport.name !== 'websocket') {
        await within(once(socket.io.engine, 'upgrade'), 'the upgrade');
      }
    });
    after(() => socket.close());

    const bytes = (n, fill = 7) => Buffer.alloc(n, fill);

    test('binary comes back as it went, wherever it stands', async () => {
      const sent = [bytes(3), { a: [bytes(0), 'text'], b: { c: bytes(70_000, 9) } }, 1, null, 'é\u2028<&>'];
      const back = once(socket, 'message-back');
      socket.emit('message', ...sent);
      assert.deepEqual(await within(back, 'message-back'), sent);
    });

    test('binary is acknowledged with binary', async () => {
      const answer = await within(new Promise((resolve) => {
        socket.emit('message-with-ack', { file: bytes(5) }, bytes(1), (...args) => resolve(args));
      }), 'the acknowledgement');
      assert.deepEqual(answer, [{ file: bytes(5) }, bytes(1)]);
    });

    test('the server asks and is answered, with binary too', async () => {
      socket.once('question', (what, answer) => answer({ got: what }, bytes(2)));
      const answer = await within(new Promise((resolve) => {
        socket.emit('ask', bytes(4), (...args) => resolve(args));
      }), 'the answer');
      assert.deepEqual(answer, [{ got: bytes(4) }, bytes(2)]);
    });

    test('a namespace of its own on the same connection', async () => {
      const custom = socket.io.socket('/custom', { auth: { token: 'x' } });
      custom.connect();
      assert.deepEqual(await within(once(custom, 'auth'), 'auth'), [{ token: 'x' }]);
      custom.disconnect();
      const nowhere = socket.io.socket('/nowhere');
      nowhere.connect();
      const [error] = await within(once(nowhere, 'connect_error'), 'the refusal');
      assert.equal(error.message, 'Invalid namespace');
      nowhere.disconnect();
      assert.ok(socket.connected);
    });

    test('a connection that is cut comes back by itself', async () => {
      const first = socket.id;
      const again = once(socket, 'auth');
      socket.io.engine.close();
      await within(again, 'the reconnect');
      assert.notEqual(socket.id, first);
    });
  });
}
