// Connecting to the Socket.IO server without the chat: who is let in with what, and what ends or
// survives a connection.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { within } from './client.mjs';
import { ask, clients, everyWay, hear, next, settle, tell } from './library.mjs';

everyWay(clients, [], (way) => {
  describe('a handshake', () => {
    test('gives both sides the same id, another for each namespace and each connection', async () => {
      const main = await way.connect();
      const custom = way.beside(main, '/custom');
      await next(custom, 'connect');
      const other = await way.connect();
      const ids = [main, custom, other].map(({ id }) => id);
      assert.equal(new Set(ids).size, 3);
      for (const socket of [main, custom, other]) assert.equal((await tell(socket, 'whoami')).id, socket.id);
      assert.notEqual(main.id, main.io.engine.id, 'the id that others learn is not the connection’s key');
    });

    for (const [what, auth, received] of [
      ['nothing', undefined, null],
      ['an object', { token: 'abc', deep: { list: [1, null, 'ü'] } }, { token: 'abc', deep: { list: [1, null, 'ü'] } }],
      ['a function', (give) => give({ token: 'late' }), { token: 'late' }],
      ['a function that takes its time', (give) => setImmediate(give, { token: 'later' }), { token: 'later' }],
      ['keys that mean something elsewhere', { constructor: 1, pid: 7, offset: {} }, { constructor: 1, pid: 7, offset: {} }],
    ]) {
      test(`carries auth: ${what}`, async () => {
        const socket = await way.connect('/', { auth });
        assert.deepEqual((await tell(socket, 'whoami')).auth, received);
      });
    }

    test('carries the query, decoded, of the options and of the address', async () => {
      const own = { 'a b': '&=+%', 'ключ': '値', empty: '' };
      const { query } = await tell(await way.connect('/', { query: own }), 'whoami');
      const { EIO, transport, t, b64, ...rest } = query;
      assert.deepEqual(rest, own);
      const socket = await way.connect('/custom?from=address');
      assert.equal(socket.nsp, '/custom', 'the client keeps the query out of the namespace');
      assert.equal((await tell(socket, 'whoami')).query.from, 'address');
    });
  });

  describe('a refusal', () => {
    for (const [what, auth, message, data] of [
      ['says why, with data', { refuse: { code: 7, list: ['a', null] } }, 'refused', { code: 7, list: ['a', null] }],
      ['keeps data that is false', { refuse: false }, 'refused', false],
      ['keeps the server’s own errors to itself', { fail: true }, 'internal error', undefined],
    ]) {
      test(what, async () => {
        const socket = way.dial('/', { auth });
        const [error] = await next(socket, 'connect_error');
        assert.ok(error instanceof Error);
        assert.equal(error.message, message);
        assert.deepEqual(error.data, data);
        assert.equal(socket.connected, false);
        assert.equal(socket.id, undefined);
      });
    }

    test('leaves the connection to other namespaces and to a better auth', async () => {
      const socket = await way.connect();
      const custom = way.beside(socket, '/custom', { auth: { refuse: 'first' } });
      assert.equal((await next(custom, 'connect_error'))[0].data, 'first');
      assert.deepEqual(await ask(socket, 'echo', 1), [1]);
      custom.auth = {};
      custom.connect();
      await next(custom, 'connect');
      assert.deepEqual(await ask(custom, 'echo', 2), [2]);
    });

    test('is told at each try, and the connection is the same', async () => {
      const socket = await way.connect();
      const { id } = socket.io.engine;
      const custom = way.beside(socket, '/custom', { auth: { refuse: 1 } });
      await next(custom, 'connect_error');
      for (let n = 0; n < 3; n++) {
        custom.connect();
        await next(custom, 'connect_error');
      }
      assert.equal(socket.io.engine.id, id);
    });
  });

  describe('namespaces', () => {
    for (const [name, exists] of [
      ['/custom', true], ['/a/b c/ünï', true], ['/room-1', true], ['/room-987654321', true],
      ['/nowhere', false], ['/Custom', false], ['/custom/', false], ['/room-', false], ['/room-1x', false],
      ['/custom?x=1', false], ['/__proto__', false], ['//', false],
    ]) {
      test(`${name} ${exists ? 'exists' : 'does not exist'}`, async () => {
        const socket = await way.connect();
        const other = way.beside(socket, name);
        if (exists) {
          await next(other, 'connect');
          assert.deepEqual(await ask(other, 'echo', name), [name]);
        } else {
          const [error] = await next(other, 'connect_error');
          assert.equal(error.message, 'Invalid namespace');
        }
        await settle(socket);
      });
    }

    test('share a connection without hearing each other', async () => {
      const main = await way.connect();
      const custom = way.beside(main, '/custom');
      await next(custom, 'connect');
      assert.equal(custom.io.engine, main.io.engine);
      custom.on('reflect', () => assert.fail('/custom heard what was meant for /'));
      const back = next(main, 'reflect');
      main.emit('reflect', 'x');
      assert.deepEqual(await back, ['x']);
      await settle(custom);
      custom.off('reflect');
    });

    test('are left one by one: the others stay, and the left one can be entered again', async () => {
      const main = await way.connect();
      const { engine } = main.io;
      const custom = way.beside(main, '/custom');
      await next(custom, 'connect');
      const first = custom.id;
      const gone = next(custom, 'disconnect');
      custom.disconnect();
      assert.deepEqual((await gone)[0], 'io client disconnect');
      assert.equal(custom.id, undefined);
      await settle(main);
      custom.connect();
      await next(custom, 'connect');
      assert.notEqual(custom.id, first);
      assert.equal(main.io.engine, engine);
      assert.ok(main.connected);
    });
  });

  describe('the end of a connection', () => {
    for (const [what, end, here, there, returns] of [
      ['disconnect() leaves the namespace', (s) => s.disconnect(), 'io client disconnect', 'client namespace disconnect', false],
      ['the server puts the client out', (s) => s.emit('dismiss', false), 'io server disconnect', 'server namespace disconnect', false],
      ['the server closes the connection', (s) => s.emit('dismiss', true), 'io server disconnect', 'server namespace disconnect', false],
      ['the client’s connection closes', (s) => s.io.engine.close(), 'forced close', 'transport close', true],
    ]) {
      test(`${what}: ${there}, ${returns ? 'and it comes back by itself' : 'and it does not come back'}`, async () => {
        const socket = await way.connect();
        const { id } = socket;
        const watcher = await way.connect();
        await tell(watcher, 'move', { join: ['watchers'] });
        const told = hear(watcher, 'left', (who) => who === id);
        const gone = next(socket, 'disconnect');
        const attempt = new Promise((resolve) => { socket.io.once('reconnect_attempt', () => resolve(true)); });
        end(socket);
        assert.equal((await gone)[0], here);
        assert.equal((await told)[1], there);
        assert.equal(socket.active, returns);
        if (returns) {
          await within(attempt, 'a reconnect');
          if (!socket.connected) await next(socket, 'connect');
          assert.notEqual(socket.id, id);
        } else {
          socket.connect();
          await next(socket, 'connect');
          assert.notEqual(socket.id, id);
        }
        await way.arrived(socket);
      });
    }
  });
});
