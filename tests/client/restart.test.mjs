// The server dies, in both ways: killed in the middle of a burst, and asked to stop.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Server, settled, transports, unlimited } from './harness.mjs';
import { Participant } from './participant.mjs';

const patient = { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 200, randomizationFactor: 0 };

describe('kill -9 in a burst of sends', () => {
  let server;
  let people = [];

  before(async () => {
    server = await Server.start({ args: [...unlimited, '--replay-cap=0'] });
    for (const name of ['olga', 'ada', 'ben', 'cleo', 'dan']) people.push(await server.signUp(name));
  });
  after(() => server.close());

  for (const [way, names] of Object.entries(transports)) {
    test(`over ${way}: nothing acknowledged is lost, nothing is doubled, the order is kept`, async () => {
      const crowd = people.map((person) => new Participant(person.dial('/general', { ...patient, transports: names })));
      await Promise.all(crowd.map((p) => p.until(({ ready }) => ready, 'the first join')));
      const [listener, ...speakers] = crowd;
      const start = listener.position.rev;
      const sent = speakers.map(() => []);
      const acknowledged = () => speakers.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);

      for (let round = 0; round < 3; round++) {
        const joins = crowd.map((p) => p.joins);
        const enough = acknowledged() + 30;
        const burst = (n) => speakers.forEach((speaker, s) => sent[s].push(speaker.send(`round ${round}, number ${n}`)));
        for (let n = 0; n < 25; n++) burst(n);
        await Promise.race(speakers.map((p) => p.until(() => acknowledged() >= enough, 'some acknowledged')));
        await server.kill();
        for (let n = 25; n < 30; n++) burst(n); // into the void
        await server.restart();
        await Promise.all(crowd.map((p, n) => p.until(() => p.joins > joins[n], 'joining again')));
      }
      await Promise.all(speakers.map((p) => p.until(({ pending }) => pending === 0, 'all acknowledged')));

      const all = new Set(sent.flat());
      const count = ({ changes }) => changes.filter(({ id }) => all.has(id)).length;
      await Promise.all(crowd.map((p) => p.until(() => count(p) >= all.size, 'all heard')));
      const log = listener.changes.filter(({ rev }) => rev > start);
      assert.equal(log.length, all.size, 'nothing doubled');
      for (const [s, speaker] of speakers.entries()) {
        const author = speaker.acknowledged.get(sent[s][0]).author.id;
        assert.deepEqual(log.filter((m) => m.author.id === author).map(({ id }) => id), sent[s], 'each author’s order');
        for (const [id, message] of speaker.acknowledged) {
          assert.equal(log.find((m) => m.id === id).seq, message.seq, 'where the answer said');
        }
      }
      for (const participant of crowd) {
        participant.assertAscending();
        assert.deepEqual(participant.resets, []);
        assert.deepEqual(participant.changes.filter(({ rev }) => rev > start), log, 'all see the same log');
      }
      crowd.forEach(({ client }) => client.close());
    });
  }
});

describe('SIGTERM', () => {
  for (const [way, names] of Object.entries(transports)) {
    test(`over ${way}: clients are told when to come back, and the server ends with 0 within 10 s`, async () => {
      const server = await Server.start();
      try {
        const ada = await server.signUp('ada');
        const clients = await Promise.all([1, 2, 3].map(() => ada.join('lobby', { transports: names })));
        await settled(server, clients);
        const stopped = server.stop();
        for (const client of clients) {
          const bye = await client.hear('bye');
          assert.deepEqual(Object.keys(bye).sort(), ['reason', 'retryAfter']);
          assert.equal(typeof bye.reason, 'string');
          assert.ok(bye.retryAfter >= 0);
          await client.hear('disconnect');
        }
        const { code, took } = await stopped;
        assert.equal(code, 0, server.output);
        assert.ok(took < 10_000, `${took} ms`);
      } finally {
        await server.close();
      }
    });
  }

  test('without clients it ends at once', async () => {
    const server = await Server.start();
    const { code, took } = await server.stop();
    assert.equal(code, 0, server.output);
    assert.ok(took < 3000, `${took} ms`);
    await server.close();
  });
});

test('a second process on the same database is refused and says why', async () => {
  const server = await Server.start();
  try {
    const { code, output } = await server.run(['serve', '--addr=127.0.0.1:0', `--db=${server.db}`]);
    assert.notEqual(code, 0);
    assert.match(output, /in use|already|another/i);
    assert.match(output, /test\.db/, 'it names the file');
    assert.doesNotMatch(output, /goroutine|listening on/);
    assert.equal((await server.visitor().fetch('/healthz')).status, 200, 'the first one goes on');
  } finally {
    await server.close();
  }
});
