// Going away and coming back: whoever hands back a position gets every later change once, in
// order, or is told that this cannot be done.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Server, transports, unlimited } from './harness.mjs';
import { Participant } from './participant.mjs';
import { Wire } from './wire.mjs';

let server, ada, ben;

before(async () => {
  server = await Server.start({ args: [...unlimited, '--replay-cap=60'] });
  await server.signUp('olga');
  ada = await server.signUp('ada');
  ben = await server.signUp('ben');
});
after(() => server.close());

const revs = (messages) => messages.map(({ rev }) => rev);

for (const [way, names] of Object.entries(transports)) {
  describe(`over ${way}`, () => {
    const over = { transports: names };
    const patient = { ...over, reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 100 };

    test('the answer to a join comes before anything live, and live goes on at head + 1', async () => {
      const speaker = await ben.join('lobby', { transports: transports.websocket });
      let talking = true;
      const talk = (async () => {
        for (let n = 0; talking; n++) await speaker.send('lobby', `talk ${n}`);
      })();
      try {
        for (let round = 0; round < 5; round++) {
          const listener = await ada.connect('/general', over);
          const { room } = await listener.ok('room:join', { room: 'lobby' });
          await listener.hear('message', ({ rev }) => rev >= room.head + 3);
          const joined = listener.log.findIndex(({ answer }) => answer === 'room:join');
          const first = listener.log.findIndex(({ event }) => event === 'message');
          assert.ok(joined < first, 'the answer first');
          const live = revs(listener.heard('message'));
          assert.deepEqual(live, live.map((_, n) => room.head + 1 + n), 'no hole and no repetition');
          listener.close();
        }
      } finally {
        talking = false;
        await talk;
        speaker.close();
      }
    });

    test('a cut wire costs nothing: posts, edits and deletes of the meantime come once, in order', async () => {
      const speaker = await ben.join('lobby', { transports: transports.websocket });
      const old = await speaker.send('lobby', 'an old one');
      const wire = await Wire.to(server);
      const listener = new Participant(ada.dial('/general', { ...patient, url: wire.url }));
      await listener.until(({ ready }) => ready, 'the first join');
      const start = listener.position.rev;
      const expected = [];
      for (let round = 0; round < 3; round++) {
        const joins = listener.joins;
        wire.cut();
        await listener.until(({ ready }) => !ready, 'noticing the cut');
        const one = await speaker.send('lobby', `while you were out ${round}`);
        const two = await speaker.send('lobby', `and one more ${round}`);
        await speaker.ok('message:edit', { room: 'lobby', seq: old.seq, text: `edited ${round}, first try` });
        const edited = await speaker.ok('message:edit', { room: 'lobby', seq: old.seq, text: `edited ${round}` });
        const gone = await speaker.ok('message:delete', { room: 'lobby', seq: one.seq });
        wire.mend();
        await listener.until((p) => p.joins > joins, 'the next join');
        const live = await speaker.send('lobby', `welcome back ${round}`);
        expected.push(two.rev, edited.message.rev, gone.message.rev, live.rev);
        await listener.until((p) => p.position.rev >= live.rev, 'the live message');
      }
      assert.deepEqual(revs(listener.changes.filter(({ rev }) => rev > start)), expected);
      assert.deepEqual(listener.resets, []);
      assert.equal(listener.changes.findLast(({ seq }) => seq === old.seq).text, 'edited 2');
      listener.client.close();
      speaker.close();
    });

    test('what was sent while the wire was cut is stored once, in order, when it is back', async () => {
      const wire = await Wire.to(server);
      const speaker = new Participant(ada.dial('/general', { ...patient, url: wire.url }));
      const listener = new Participant(ben.dial('/general', { transports: transports.websocket }));
      await Promise.all([speaker, listener].map((p) => p.until(({ ready }) => ready, 'the first join')));
      const ids = [];
      for (let n = 0; n < 40; n++) {
        ids.push(speaker.send(`burst ${n}`));
        if (n === 10 || n === 30) {
          wire.cut(); // some are on their way, some acknowledged, some neither
          await speaker.until(({ ready }) => !ready, 'noticing the cut');
        }
        if (n === 20) wire.mend();
      }
      wire.mend();
      await speaker.until(({ pending }) => pending === 0, 'all acknowledged');
      const heard = () => listener.changes.filter(({ id }) => ids.includes(id)).map(({ id }) => id);
      await listener.until(() => heard().length >= ids.length, 'all heard');
      assert.deepEqual(heard(), ids);
      listener.assertAscending();
      listener.client.close();
      speaker.client.close();
    });

    test('a position that cannot be continued is answered with a reset and the latest page', async () => {
      const client = await ada.connect('/general', over);
      const speaker = await ben.join('lobby', { transports: transports.websocket });
      for (let n = 0; n < 61; n++) await speaker.send('lobby', `filler ${n}`);
      const { room } = await client.ok('room:join', { room: 'lobby' });
      const since = { epoch: room.epoch, rev: room.head };
      for (const [why, position] of Object.entries({
        'another epoch': { ...since, epoch: 'another-epoch' },
        'the future': { ...since, rev: room.head + 1 },
        'further back than the cap': { ...since, rev: room.head - 61 },
      })) {
        const answer = await client.ok('room:join', { room: 'lobby', since: position });
        assert.equal(typeof answer.reset?.reason, 'string', why);
        assert.equal(answer.messages.length, 50, why);
        assert.equal(answer.messages.at(-1).rev, room.head, why);
        assert.equal(answer.hasOlder, true, why);
      }
      const capped = await client.ok('room:join', { room: 'lobby', since: { ...since, rev: room.head - 60 } });
      assert.equal(capped.reset, undefined, 'just within the cap');
      assert.equal(capped.messages.length, 60);
      const nothing = await client.ok('room:join', { room: 'lobby', since });
      assert.equal(nothing.reset, undefined, 'nothing happened');
      assert.deepEqual(nothing.messages, []);
      client.close();
      speaker.close();
    });
  });
}
