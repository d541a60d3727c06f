// Versions of the official client that people still run, against the chat: each connects, joins,
// sends, hears and reconnects over every transport. The newest runs in every other test, too.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Manager as Manager48 } from 'socket.io-client';
import { Manager as Manager31 } from 'socket.io-client-3.1';
import { Manager as Manager40 } from 'socket.io-client-4.0';
import { Manager as Manager45 } from 'socket.io-client-4.5';
import { Client, messageID, within } from './client.mjs';
import { Server, transports } from './harness.mjs';

const versions = { 3.1: Manager31, '4.0': Manager40, 4.5: Manager45, 4.8: Manager48 };
const text = 'Grüße 🐍';
let server, member, speaker;

before(async () => {
  server = await Server.start();
  speaker = await (await server.signUp('olga')).join('lobby');
  member = await server.signUp('petra');
});
after(() => server.close());

for (const [version, Manager] of Object.entries(versions)) {
  describe(`socket.io-client ${version}`, () => {
    for (const [way, names] of Object.entries(transports)) {
      test(`talks and reconnects over ${way}`, async (t) => {
        const manager = new Manager(server.url, {
          extraHeaders: { cookie: member.cookie }, transports: names, reconnectionDelay: 10, randomizationFactor: 0,
        });
        const client = new Client(manager.socket('/general'));
        t.after(() => client.close());
        await client.connected();
        await talk(client, names);

        const again = within(new Promise((resolve) => client.socket.once('connect', resolve)), 'the reconnection');
        manager.engine.close();
        await again;
        await talk(client, names);
        assert.equal(client.heard('disconnect').length, 1);
      });
    }
  });
}

/** Joins the lobby, sends and hears, over the last of the transports. */
async function talk(client, names) {
  if (names.length > 1) await client.upgraded();
  assert.equal(client.engine.transport.name, names.at(-1));
  assert.equal((await client.ok('room:join', { room: 'lobby' })).room.slug, 'lobby');
  const mine = await client.send('lobby', text);
  assert.equal(mine.text, text);
  assert.deepEqual(await speaker.hear('message', ({ id }) => id === mine.id), mine);
  const other = await speaker.send('lobby', messageID());
  assert.deepEqual(await client.hear('message', ({ id }) => id === other.id), other);
}
