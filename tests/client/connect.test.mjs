// Who gets into which namespace, over which transport, and what is said at the door.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Server, transports } from './harness.mjs';

let server, owner, member, stranger;

before(async () => {
  server = await Server.start();
  owner = await server.signUp('olga');
  member = await server.signUp('mira');
  stranger = server.visitor();
});
after(() => server.close());

/** Fails unless a client was refused with the code, in data, beside a sentence. */
async function assertRefused(client, code) {
  const error = await client.refused();
  assert.equal(error.data?.code, code, `${error.message} ${JSON.stringify(error.data)}`);
  assert.notEqual(error.message, '');
}

for (const [way, names] of Object.entries(transports)) {
  describe(`over ${way}`, () => {
    const over = { transports: names };

    test('a member is greeted in /general by name, with the rooms and the limits', async () => {
      const client = await member.connect('/general', over);
      const hello = await client.hear('hello');
      assert.deepEqual(Object.keys(hello).sort(), ['limits', 'now', 'rooms', 'user']);
      assert.equal(hello.user.name, 'mira');
      assert.equal(hello.user.role, 'member');
      assert.equal(typeof hello.user.id, 'string');
      assert.deepEqual(hello.rooms.map((room) => room.slug), ['lobby']);
      assert.equal(typeof hello.limits, 'object');
      assert.equal(client.log[0].event, 'hello', 'hello comes first');
    });

    test('the owner is greeted in /admin with the admin room', async () => {
      const client = await owner.connect('/admin', over);
      const hello = await client.hear('hello');
      assert.equal(hello.user.role, 'owner');
      assert.deepEqual(hello.rooms.map((room) => room.slug), ['admin']);
    });

    test('nobody without a session gets in', async () => {
      await assertRefused(stranger.dial('/general', over), 'unauthenticated');
      await assertRefused(stranger.dial('/admin', over), 'unauthenticated');
    });

    test('a made-up session is no session', async () => {
      const client = stranger.dial('/general', { ...over, extraHeaders: { cookie: 'roomline_session=made-up' } });
      await assertRefused(client, 'unauthenticated');
    });

    test('a member does not get into /admin', async () => {
      await assertRefused(member.dial('/admin', over), 'forbidden');
    });

    test('unknown namespaces are refused', async () => {
      for (const namespace of ['/nowhere', '/general/']) {
        const error = await member.dial(namespace, over).refused();
        assert.notEqual(error.message, '', namespace);
      }
    });

    test('the default namespace lets everyone in and has no events', async () => {
      for (const person of [member, stranger]) {
        const client = await person.connect('/', over);
        client.socket.emit('room:join', { room: 'lobby' }, () => assert.fail('answered'));
        const general = await member.connect('/general', over);
        await general.ok('room:list', {});
        assert.deepEqual(client.log, []);
      }
    });

    test('both namespaces share one connection, and refusing one leaves the other alone', async () => {
      const line = owner.line(over);
      const general = await owner.connect('/general', line);
      const admin = await owner.connect('/admin', line);
      const refused = owner.dial('/nowhere', line);
      await refused.refused();
      assert.equal(general.engine, admin.engine, 'one connection');
      assert.notEqual(general.socket.id, admin.socket.id, 'two sockets');

      await general.ok('room:join', { room: 'lobby' });
      await admin.ok('room:join', { room: 'admin' });
      const said = await admin.send('admin', `between us, over ${way}`);
      await admin.hear('message', (message) => message.seq === said.seq);
      const loud = await general.send('lobby', `to all, over ${way}`);
      await general.hear('message', (message) => message.seq === loud.seq);
      assert.deepEqual(general.heard('message').filter(({ room }) => room !== 'lobby'), []);
      assert.deepEqual(admin.heard('message').filter(({ room }) => room !== 'admin'), []);

      general.socket.disconnect();
      assert.equal((await admin.ok('room:list', {})).rooms.length, 1, 'leaving one leaves the other alone');
    });
  });
}

test('polling gives way to WebSocket without losing what is said meanwhile', async () => {
  const listener = await member.connect('/general', { transports: transports.upgrade });
  await listener.ok('room:join', { room: 'lobby' });
  const speaker = await owner.join('lobby', { transports: transports.websocket });
  const said = [];
  const upgraded = listener.upgraded();
  for (let n = 0; n < 50; n++) said.push((await speaker.send('lobby', `during the upgrade ${n}`)).seq);
  await upgraded;
  assert.equal(listener.engine.transport.name, 'websocket');
  await listener.hear('message', ({ seq }) => seq === said.at(-1));
  assert.deepEqual(listener.heard('message').map(({ seq }) => seq).filter((seq) => said.includes(seq)), said);
});

test('a connection without WebSocket stays on polling', async () => {
  const client = await member.connect('/general', { transports: transports.polling });
  await client.ok('room:list', {});
  assert.equal(client.engine.transport.name, 'polling');
});

test('a room of the other namespace does not exist here', async () => {
  const general = await owner.connect('/general');
  const admin = await owner.connect('/admin');
  const foreign = await general.refusal('room:join', { room: 'admin' });
  const missing = await general.refusal('room:join', { room: 'nowhere' });
  assert.equal(foreign.code, 'not_found');
  assert.deepEqual(foreign, missing, 'forbidden and missing look the same');
  assert.equal((await admin.refusal('room:join', { room: 'lobby' })).code, 'not_found');
});
