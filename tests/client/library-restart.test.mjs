// The clients and the death of their server.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, clients, collect, everyWay, next } from './library.mjs';

everyWay(clients, [], (way) => {
  test('after kill -9 and a restart the clients come back, and what they emitted meanwhile arrives once', async () => {
    const sockets = await Promise.all([way.connect(), way.connect(), way.connect('/custom')]);
    const ids = sockets.map(({ id }) => id);
    const gone = Promise.all(sockets.map((socket) => next(socket, 'disconnect')));
    await way.program.kill();
    for (const [reason] of await gone) assert.match(reason, /^transport (close|error)$/);
    const back = sockets.map((socket) => collect(socket, 'reflect', 20));
    const doubled = [];
    for (const [s, socket] of sockets.entries()) {
      for (let n = 0; n < 20; n++) socket.emit('reflect', n % 3 ? { s, n } : Buffer.from([s, n]));
    }
    await way.program.restart();
    for (const [s, heard] of (await Promise.all(back)).entries()) {
      assert.deepEqual(heard, Array.from({ length: 20 }, (_, n) => (n % 3 ? { s, n } : Buffer.from([s, n]))));
      sockets[s].on('reflect', (again) => doubled.push(again));
    }
    for (const [s, socket] of sockets.entries()) {
      assert.deepEqual(await ask(socket, 'echo', s), [s]);
      assert.notEqual(socket.id, ids[s]);
      await way.arrived(socket);
    }
    assert.deepEqual(doubled, []);
  });
});
