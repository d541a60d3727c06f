// Connection state recovery of the Socket.IO server without the chat: a client whose connection
// broke has its socket again, and hears what it missed, once and in order.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { within } from './client.mjs';
import { everyWay, newest, next, settle, tell } from './library.mjs';
import { Wire } from './wire.mjs';

/** A client that can be cut off, what it heard, and another to speak to it. */
async function pair(way, options) {
  const wire = await Wire.to(way.program);
  const speaker = await way.connect();
  const socket = await way.connect('/', { url: wire.url, ...options });
  const heard = [];
  socket.on('news', (...args) => { heard.push(args.slice(0, -1)); }); // the last one is the offset
  return {
    wire, speaker, socket, heard,
    say: async (...args) => assert.equal(await tell(speaker, 'say', {}, 'news', ...args), ''),
    /** Has something happen while the client is away. */
    async away(meanwhile = () => {}) {
      const gone = next(socket, 'disconnect');
      wire.cut();
      socket.io.engine.close(); // a broken wire is noticed late: not what is tested here
      await gone;
      await meanwhile();
      const back = next(socket, 'connect');
      wire.mend();
      await back;
      if (way.name === 'upgrade' && socket.io.engine.transport.name === 'polling') await next(socket.io.engine, 'upgrade');
    },
  };
}

/** Resolves when a client has heard the last of what is due to it: over polling that may take two polls. */
const caughtUp = async ({ socket, heard }, count) => {
  await within((async () => { while (heard.length < count) await settle(socket); })(), `${count} of news`);
  await settle(socket);
};

const numbers = (from, to) => Array.from({ length: to - from }, (_, n) => [from + n]);

/** Scenarios that hold whatever happened to the server meanwhile. */
function scenarios(way, outage = () => {}) {
  test('the same id, rooms and data, and what was missed, once and in order', async () => {
    const p = await pair(way);
    const { id } = p.socket;
    await tell(p.socket, 'move', { join: ['red'] });
    await tell(p.socket, 'remember', { name: 'ada' });
    await p.say('before');
    await caughtUp(p, 1);
    await p.away(async () => {
      await outage(p);
      for (let n = 0; n < 100; n++) await p.say(n);
      await tell(p.speaker, 'say', { to: ['red'] }, 'news', 'to red');
      await tell(p.speaker, 'say', { to: ['blue'] }, 'news', 'to blue');
    });
    assert.equal(p.socket.recovered, true);
    assert.equal(p.socket.id, id);
    await p.say('after');
    await caughtUp(p, 103);
    assert.deepEqual(p.heard, [['before'], ...numbers(0, 100), ['to red'], ['after']]);
    const { recovered, rooms, data } = await tell(p.socket, 'whoami');
    assert.deepEqual({ recovered, rooms, data }, { recovered: true, rooms: ['red'], data: { name: 'ada' } });
    await way.arrived(p.socket);
  });

  test('from the first moment: no event had come yet', async () => {
    const p = await pair(way);
    const { id } = p.socket;
    await p.away(async () => {
      await outage(p);
      await p.say('first');
    });
    assert.equal(p.socket.recovered, true);
    assert.equal(p.socket.id, id);
    await caughtUp(p, 1);
    assert.deepEqual(p.heard, [['first']]);
  });

  test('twice in a row and once more, with and without something missed', async () => {
    const p = await pair(way);
    const { id } = p.socket;
    for (let n = 0; n < 3; n++) {
      await p.away(async () => {
        await outage(p);
        if (n !== 1) await p.say(n);
      });
      assert.equal(p.socket.recovered, true, `time ${n}`);
      assert.equal(p.socket.id, id);
    }
    await p.say('after');
    await caughtUp(p, 3);
    assert.deepEqual(p.heard, [[0], [2], ['after']]);
  });

  test('with binary, contiguous', async () => {
    const p = await pair(way);
    const file = { file: Buffer.alloc(70_000, 3), parts: [Buffer.from('a'), { b: Buffer.from('b') }] };
    await p.away(async () => {
      await outage(p);
      for (const n of [1, 2, 3]) await p.say(n, file);
    });
    await caughtUp(p, 3);
    assert.deepEqual(p.heard, [1, 2, 3].map((n) => [n, file]));
  });
}

// The pings are near to each other, so that quiet is soon.
const flags = ['-recovery', 'memory', '-ping-interval', '200ms', '-ping-timeout', '10s'];

everyWay(newest, flags, (way) => {
  scenarios(way);

  test('after a quiet time: many pings, and no event', async () => {
    const p = await pair(way);
    const { id } = p.socket;
    await p.say('long ago');
    for (let n = 0; n < 4; n++) await next(p.socket.io, 'ping');
    await p.away(() => p.say('missed'));
    assert.equal(p.socket.recovered, true);
    assert.equal(p.socket.id, id);
    await caughtUp(p, 2);
    assert.deepEqual(p.heard, [['long ago'], ['missed']]);
  });

  test('while the server still believes in the old connection, which then ends', async () => {
    const old = await way.connect('/', { reconnection: false });
    const gone = next(old, 'disconnect');
    const { id } = old;
    const again = await way.connect('/', { auth: { pid: old._pid } }); // as the client says it itself
    assert.equal(again.id, id);
    assert.equal((await tell(again, 'whoami')).recovered, true);
    await gone;
  });

  test('in each namespace of the connection for itself', async () => {
    const p = await pair(way);
    const custom = way.beside(p.socket, '/custom');
    await next(custom, 'connect');
    const { id } = custom;
    const heard = [];
    custom.on('news', (what) => heard.push(what));
    const elsewhere = way.beside(p.speaker, '/custom');
    await next(elsewhere, 'connect');
    const back = new Promise((resolve) => { custom.on('connect', resolve); });
    await p.away(async () => {
      await p.say('main');
      await tell(elsewhere, 'say', {}, 'news', 'custom');
    });
    await within(back, 'CONNECT to /custom');
    assert.equal(custom.recovered, true);
    assert.equal(custom.id, id);
    await caughtUp(p, 1);
    await within((async () => { while (heard.length < 1) await settle(custom); })(), 'news in /custom');
    assert.deepEqual([p.heard, heard], [[['main']], ['custom']]);
  });

  test('volatile events are missed', async () => {
    const p = await pair(way);
    await p.away(async () => {
      await tell(p.speaker, 'say', { volatile: true }, 'news', 'volatile');
      await p.say('kept');
    });
    await caughtUp(p, 1);
    assert.deepEqual(p.heard, [['kept']]);
  });

  test('what happened in a room is recovered from the moment of the join on', async () => {
    const p = await pair(way);
    await tell(p.speaker, 'say', { to: ['red'] }, 'news', 'too early');
    await tell(p.socket, 'move', { join: ['red', 'blue'] });
    await tell(p.socket, 'move', { leave: ['blue'] });
    await p.away(async () => {
      await tell(p.speaker, 'say', { to: ['red'] }, 'news', 'red');
      await tell(p.speaker, 'say', { to: ['blue'] }, 'news', 'blue');
    });
    await caughtUp(p, 1);
    assert.deepEqual(p.heard, [['red']]);
  });

  describe('a new socket instead', () => {
    for (const [what, end] of [
      ['after socket.disconnect()', (socket) => socket.disconnect()],
      ['after the server put it out', (socket) => socket.emit('dismiss', false)],
    ]) {
      test(what, async () => {
        const p = await pair(way);
        const { id } = p.socket;
        await tell(p.socket, 'move', { join: ['red'] });
        const gone = next(p.socket, 'disconnect');
        end(p.socket);
        await gone;
        await p.say('missed');
        p.socket.connect();
        await next(p.socket, 'connect');
        assert.equal(p.socket.recovered, false);
        assert.notEqual(p.socket.id, id);
        assert.deepEqual((await tell(p.socket, 'whoami')).rooms, []);
        assert.deepEqual(p.heard, []);
      });
    }

    for (const [what, auth] of [
      ['for a pid that was never given', { pid: 'AAAAAAAAAAAAAAAAAAAA', offset: '0' }],
      ['for an offset that is none', { offset: 'not an offset!' }],
      ['for an offset from the future', { offset: 'zzzzzzzzzzzz' }],
    ]) {
      test(what, async () => {
        let own = {};
        const p = await pair(way, { auth: (give) => give(own) });
        const { id } = p.socket;
        own = auth;
        await p.away(() => p.say('missed'));
        assert.equal(p.socket.recovered, false);
        assert.notEqual(p.socket.id, id);
        await settle(p.socket);
        assert.deepEqual(p.heard, []);
      });
    }
  });

  test('middleware runs again: who is refused now is not let back in, until it is allowed', async () => {
    let own = {};
    const p = await pair(way, { auth: (give) => give(own) });
    const { id } = p.socket;
    own = { refuse: 'banned' };
    const refused = next(p.socket, 'connect_error');
    p.socket.io.engine.close();
    assert.equal((await refused)[0].data, 'banned');
    await p.say('missed');
    own = {};
    p.socket.connect();
    await next(p.socket, 'connect');
    assert.equal(p.socket.recovered, true);
    assert.equal(p.socket.id, id);
    await caughtUp(p, 1);
    assert.deepEqual(p.heard, [['missed']]);
  });
});

const folder = mkdtempSync(path.join(tmpdir(), 'recovery-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('over kill -9 of a server with a durable store', () => {
  everyWay(newest, ['-recovery', path.join(folder, 'recovery.db')], (way) => {
    scenarios(way, async ({ speaker }) => {
      const back = next(speaker, 'connect');
      await way.program.kill();
      await way.program.restart();
      await back;
      assert.equal(speaker.recovered, true);
    });
  });
});

everyWay(newest, ['-recovery', 'memory'], (way) => {
  test('a store that ended with its process leaves nothing to recover', async () => {
    const socket = await way.connect();
    const { id } = socket;
    const back = next(socket, 'connect');
    await way.program.kill();
    await way.program.restart();
    await back;
    assert.equal(socket.recovered, false);
    assert.notEqual(socket.id, id);
  });
});
