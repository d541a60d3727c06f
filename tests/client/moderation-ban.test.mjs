// Who is put out is out: what a banned member hears last, that nothing they held works again, and
// that a moderator who is none any more hears nothing of moderators.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { messageID } from './client.mjs';
import { password, Server, settled, transports } from './harness.mjs';
import { company, knock } from './moderators.mjs';

let server, people, mona, olga;

before(async () => {
  server = await Server.start();
  people = await company(server, { moderators: ['mona'], members: ['ben'] });
  mona = await people.mona.join('admin');
  olga = people.owner;
});
after(() => server.close());

const idOf = async (name) => (await mona.ok('member:list', { query: name })).members.find((member) => member.name === name).id;
const names = (client) => client.log.filter(({ event }) => event).map(({ event }) => event);

/** What the page says to whom the cookie is not of: not signed in. */
async function assertSignedOut(cookie) {
  const answer = await server.visitor().fetch('/account', { headers: { cookie } });
  assert.equal(answer.status, 303);
  assert.match(answer.headers.get('location'), /^\/login/);
}

/**
 * Bans a new member who has two connections. Over polling a request may just have been between two polls: who
 * comes with the next one finds no session and hears no goodbye, and is no case of this test.
 */
async function banned(way, over, request) {
  for (let n = 0; n < 5; n++) {
    const person = await server.signUp(`shut-${messageID().slice(0, 8)}`);
    const clients = [await person.join('lobby', over), await person.join('lobby', over)];
    if (way === 'upgrade') for (const client of clients) await client.upgraded();
    await settled(server, clients);
    const sids = clients.map(({ engine }) => engine.id);
    const user = await idOf(person.name);
    const answer = await mona.ok('member:ban', { user, reason: 'has gone too far', ...request });
    const polled = await Promise.all(sids.map((sid) => person.fetch(`/socket.io/?EIO=4&transport=polling&sid=${sid}`)));
    const ends = await Promise.all(clients.map((client) => client.hear('disconnect')));
    if (way === 'polling' && ends.includes('transport error')) continue;
    return { person, clients, user, answer, polled, ends };
  }
  return assert.fail('no poll was held when the ban came');
}

for (const [way, carried] of Object.entries(transports)) {
  describe(`over ${way}`, () => {
    const over = { transports: carried };

    test('a ban is the last that its member hears, on every connection, and is done when it is acknowledged', async () => {
      const { clients, user, answer, polled } = await banned(way, over, { minutes: 60 });
      assert.equal(answer.member.online, false);
      assert.equal(answer.member.ban.reason, 'has gone too far');
      assert.equal('purged' in answer, false);
      for (const { status } of polled) assert.equal(status, 400, 'the sid is of nobody');
      const speaker = await people.ben.join('lobby');
      await speaker.send('lobby', 'said behind their back');
      for (const client of clients) {
        assert.deepEqual(names(client).slice(-3), ['sanction', 'bye', 'disconnect']);
        assert.deepEqual(client.heard('sanction'), [{ kind: 'ban', until: answer.member.ban.until, reason: 'has gone too far' }]);
        assert.deepEqual(client.heard('bye'), [{ reason: 'banned' }], 'without a time: do not come back');
        assert.equal(client.socket.connected, false);
      }
      speaker.close();
      await mona.ok('member:unban', { user, reason: 'this test is over' });
    });

    test('nothing that a banned member held works again, not after the ban either', async () => {
      const { person, clients, user } = await banned(way, over, {});
      const { cookie } = person;
      const since = { epoch: clients[0].joined.room.epoch, rev: clients[0].joined.room.head };
      const speaker = await people.ben.join('lobby');
      const missed = await speaker.send('lobby', 'missed');
      speaker.close();
      const assertDead = async () => {
        await assertSignedOut(cookie);
        const error = await server.visitor().dial('/general', { ...over, extraHeaders: { cookie } }).refused();
        assert.equal(error.data.code, 'unauthenticated');
        assert.equal(await knock({ server, cookie }, '/general', 'room:join', { room: 'lobby', since }), 'unauthenticated');
      };
      await assertDead();

      const refused = await server.visitor().submit('/login', { username: person.name, password });
      assert.equal(refused.status, 403);
      const page = await refused.text();
      assert.match(page, /You are banned\./);
      assert.match(page, /Reason: has gone too far\./);
      assert.deepEqual(refused.headers.getSetCookie().filter((line) => /^roomline_session=[^;]/.test(line)), []);

      await mona.ok('member:unban', { user, reason: 'has said sorry' });
      await assertDead();
      const again = await (await person.elsewhere()).connect('/general', over);
      const { messages } = await again.ok('room:join', { room: 'lobby', since });
      assert.ok(messages.some(({ seq, text }) => seq === missed.seq && text === 'missed'), 'a new sign-in goes on where the old one was');
      assert.equal((await again.hear('hello')).sanction, undefined);
      await assertDead();
      again.close();
    });

    test('a moderator who is made a member hears that, and nothing of moderators after it', async () => {
      const person = await server.signUp(`nick-${way}`);
      const user = await idOf(person.name);
      await olga.ok('member:role', { user, role: 'moderator', reason: 'helps' });
      const line = person.line({ ...over, autoConnect: true });
      const general = await person.connect('/general', line);
      const admin = await person.connect('/admin', line);
      await admin.ok('room:join', { room: 'admin' });
      await admin.ok('stats', { watch: true });
      await olga.ok('member:role', { user, role: 'member', reason: 'helps no more' });
      assert.equal((await person.dial('/admin', over).refused()).data.code, 'forbidden');
      await olga.ok('room:join', { room: 'admin' });
      const secret = await olga.send('admin', `between us, over ${way}`);
      await mona.hear('message', ({ seq }) => seq === secret.seq);

      assert.equal(await admin.hear('disconnect'), 'io server disconnect');
      assert.deepEqual(admin.heard('bye'), [{ reason: 'forbidden' }]);
      assert.deepEqual(names(admin).slice(-2), ['bye', 'disconnect']);
      await general.ok('room:join', { room: 'lobby' });
      const { author } = await general.send('lobby', 'a member like others');
      assert.equal(author.role, 'member', 'the rest of the connection goes on');
      assert.equal(JSON.stringify([...admin.log, ...general.log]).includes(secret.text), false);
      general.close();
    });
  });
}
