// The session decides: who signs out is gone from the chat at once, everywhere that session was.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Server, settled, transports } from './harness.mjs';
import { Participant } from './participant.mjs';

let server, people;

before(async () => {
  server = await Server.start();
  people = [];
  for (const name of ['olga', 'ada', 'ben', 'cleo', 'dan']) people.push(await server.signUp(name));
});
after(() => server.close());

for (const [way, names] of Object.entries(transports)) {
  describe(`over ${way}`, () => {
    const over = { transports: names };

    test('signing out ends the sockets of that session, and only those', async () => {
      const there = await server.signUp(`finn-${way}`);
      const here = await there.elsewhere();
      const ended = [await here.join('lobby', over), await here.join('lobby', over)];
      const kept = await there.join('lobby', over);
      await settled(server, [...ended, kept]);
      const answer = await here.submit('/logout', {}, '/account');
      assert.equal(answer.status, 303);
      for (const client of ended) {
        const reason = await client.hear('disconnect');
        // A poll that comes after the sign-out is refused: who was between two polls hears no goodbye.
        if (way === 'polling' && reason === 'transport error') continue;
        assert.deepEqual(client.heard('bye'), [{ reason: 'signed_out' }], 'without a time: do not come back');
      }
      const after = await kept.send('lobby', `signed out elsewhere, over ${way}`);
      await kept.hear('message', ({ seq }) => seq === after.seq);
      for (const client of ended) assert.equal(client.heard('message').some(({ seq }) => seq === after.seq), false);
    });

    test('a session that was signed out does not connect again', async () => {
      const [, ada] = people;
      const here = await ada.elsewhere();
      const stolen = here.cookie;
      await here.submit('/logout', {}, '/account');
      const error = await here.dial('/general', { ...over, extraHeaders: { cookie: stolen } }).refused();
      assert.equal(error.data?.code, 'unauthenticated');
    });

    test('five people talking at once all see the same log', async () => {
      const crowd = people.map((person) => new Participant(person.dial('/general', over)));
      await Promise.all(crowd.map((p) => p.until(({ ready }) => ready, 'the join')));
      const start = Math.max(...crowd.map(({ position }) => position.rev));
      for (let n = 0; n < 20; n++) for (const p of crowd) p.send(`${n}, over ${way}`);
      await Promise.all(crowd.map((p) => p.until(() => p.position.rev >= start + 100, 'all messages')));
      const log = (p) => p.changes.filter(({ rev }) => rev > start);
      assert.equal(log(crowd[0]).length, 100);
      for (const p of crowd) {
        p.assertAscending();
        assert.deepEqual(log(p), log(crowd[0]));
      }
      crowd.forEach(({ client }) => client.close());
    });
  });
}
