// The reference client of the documentation: however it comes and goes while others post, it ends with what there is.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Room } from '../../docs/reference-client.mjs';
import { Server, transports, unlimited } from './harness.mjs';

let server, ada, ben;

before(async () => {
  server = await Server.start({ args: unlimited });
  await server.signUp('olga');
  ada = await server.signUp('ada');
  ben = await server.signUp('ben');
});
after(() => server.close());

for (const [way, names] of Object.entries(transports)) {
  test(`over ${way} it loses and doubles nothing while others post`, async () => {
    const speaker = await ben.join('lobby', { transports: transports.websocket });
    const client = ada.dial('/general', { transports: names });
    const shown = new Map();
    const live = [];
    const room = new Room(client.socket, 'lobby', {
      reset: (messages) => { shown.clear(); messages.forEach((m) => shown.set(m.seq, m)); },
      changed: (message) => { live.push(message.rev); shown.set(message.seq, message); },
    });
    const sent = [];
    const posts = (async () => {
      for (let n = 0; n < 180; n += 3) { // several at once, so that payloads have more than one packet
        await Promise.all([0, 1, 2].map((k) => speaker.send('lobby', `${way} ${n + k}`)));
      }
    })();
    for (let round = 0; round < 6; round++) {
      sent.push(room.send(`${way} of ada ${round}`));
      await new Promise((resolve) => client.socket.once('message', resolve)); // in the midst of it
      client.socket.disconnect().connect();
    }
    await posts;
    const last = await speaker.send('lobby', `${way} is over`);
    const mine = () => [...shown.values()].filter(({ id }) => sent.includes(id)).map(({ id }) => id);
    while (!shown.has(last.seq) || mine().length < sent.length) {
      await new Promise((resolve) => client.socket.once('message', resolve));
      await new Promise(setImmediate);
    }
    const { messages } = await speaker.ok('room:history', { room: 'lobby', limit: 100 });
    for (const message of messages) assert.equal(shown.get(message.seq)?.rev, message.rev, `message ${message.seq}`);
    assert.deepEqual(mine(), sent, 'its own, once each and in order');
    assert.deepEqual(live, [...new Set(live)].sort((a, b) => a - b), 'each change once, in order');
    for (let seq = Math.min(...shown.keys()); seq <= last.seq; seq++) assert.ok(shown.has(seq), `${seq} is missing`);
    client.close();
    speaker.close();
  });
}
