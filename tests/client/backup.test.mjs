// A site is backed up while people write, dies, and is restored.

import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { Server, transports, unlimited } from './harness.mjs';
import { Participant } from './participant.mjs';

const patient = { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 200, randomizationFactor: 0 };

/** All messages of the lobby, in order. */
async function log(person) {
  const client = await person.join('lobby');
  let messages = [];
  for (let before; ;) {
    const answer = await client.ask('room:history', { room: 'lobby', before, limit: 100 });
    messages = [...answer.messages, ...messages];
    if (!answer.hasOlder) break;
    before = answer.messages[0].seq;
  }
  client.close();
  return messages;
}

describe('a backup under load', () => {
  let server;
  let people = [];

  before(async () => {
    server = await Server.start({ args: [...unlimited, '--replay-cap=0'] });
    for (const name of ['olga', 'ada', 'ben', 'cleo', 'dan']) people.push(await server.signUp(name));
  });
  after(() => server.close());

  for (const [way, names] of Object.entries(transports)) {
    test(`over ${way}: what was acknowledged before it is restored, and everybody resets`, async () => {
      const crowd = people.map((person) => new Participant(person.dial('/general', { ...patient, transports: names })));
      await Promise.all(crowd.map((p) => p.until(({ ready }) => ready, 'the first join')));
      const [, ...speakers] = crowd;
      const acknowledged = () => new Map(speakers.flatMap((p) => [...p.acknowledged]));
      const burst = (count) => {
        for (let n = 0; n < count; n++) speakers.forEach((speaker) => speaker.send(`number ${n}`));
      };
      const answered = (many) => Promise.race(speakers.map((p) => p.until(() => acknowledged().size >= many, `${many} acknowledged`)));

      burst(50);
      await answered(50);
      const early = acknowledged();
      const file = `${server.db}.${way}.backup`;
      const backup = server.run(['backup', file]);
      burst(50);
      const { code, output } = await backup;
      assert.equal(code, 0, output);
      assert.match(output, /backed up to .* 2 rooms, \d+ messages/);
      assert.equal((await stat(file)).mode & 0o777, 0o600);
      await answered(early.size + 100);

      const refused = await server.run(['restore', '--force', file]);
      assert.notEqual(refused.code, 0);
      assert.match(refused.output, /stop it first/);
      await server.kill();
      assert.match((await server.run(['restore', file])).output, /--force/);
      const restored = await server.run(['restore', '--force', file]);
      assert.equal(restored.code, 0, restored.output);
      const joins = crowd.map((p) => p.joins);
      await server.restart();

      await Promise.all(crowd.map((p, n) => p.until(() => p.joins > joins[n], 'joining again')));
      crowd.forEach((p) => assert.deepEqual(p.resets, ['epoch']));
      await Promise.all(speakers.map((p) => p.until(({ pending }) => pending === 0, 'all acknowledged')));
      const messages = new Map((await log(people[0])).map((message) => [message.id, message]));
      for (const [id, { seq, text }] of early) {
        assert.equal(messages.get(id)?.seq, seq, 'where the answer said');
        assert.equal(messages.get(id).text, text);
      }
      crowd.forEach(({ client }) => client.close());
    });
  }
});
