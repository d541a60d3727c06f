// What members say to each other: every event of /general, with
// the exact shape of what comes back, over each transport.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { messageID } from './client.mjs';
import { Server, transports, unlimited } from './harness.mjs';

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

let server, ada, ben;

before(async () => {
  server = await Server.start({ args: [...unlimited, '--typing-every=0'] });
  await server.signUp('olga');
  ada = await server.signUp('ada');
  ben = await server.signUp('ben');
});
after(() => server.close());

/** Fails unless a message has exactly these fields and the ones every message has. */
function assertMessage(message, expected) {
  const { sentAt, editedAt, deletedAt, author, rev, ...rest } = message;
  assert.match(sentAt, instant);
  for (const time of [editedAt, deletedAt]) if (time !== undefined) assert.match(time, instant);
  assert.deepEqual(Object.keys(author).sort(), ['id', 'name', 'role']);
  assert.ok(Number.isSafeInteger(rev) && rev >= message.seq);
  assert.deepEqual(rest, expected);
}

for (const [way, names] of Object.entries(transports)) {
  describe(`over ${way}`, () => {
    const over = { transports: names };
    let a, b, hello;

    before(async () => {
      a = await ada.join('lobby', over);
      b = await ben.join('lobby', over);
      hello = await a.hear('hello');
    });
    after(() => { a.close(); b.close(); });

    test('a message is acknowledged and heard by all in the same words', async () => {
      const id = messageID();
      const text = `Grüße, 你好 <b>&amp;</b> \u2028 ${way}`;
      const { message, ...rest } = await a.ok('message:send', { room: 'lobby', id, text });
      assert.deepEqual(rest, { ok: true });
      assertMessage(message, { room: 'lobby', seq: message.seq, id, kind: 'text', text });
      assert.deepEqual(message.author, hello.user);
      assert.equal(message.rev, message.seq);
      const same = ({ seq }) => seq === message.seq;
      assert.deepEqual(await b.hear('message', same), message);
      assert.deepEqual(await a.hear('message', same), message, 'the sender hears it too');
    });

    test('a retry with the same id is stored once; other words under it are refused', async () => {
      const id = messageID();
      const first = await a.ok('message:send', { room: 'lobby', id, text: 'once' });
      const again = await a.ok('message:send', { room: 'lobby', id, text: 'once' });
      assert.equal(again.message.seq, first.message.seq);
      assert.equal((await a.refusal('message:send', { room: 'lobby', id, text: 'twice' })).code, 'id_reused');
      const bens = await b.ok('message:send', { room: 'lobby', id, text: 'an id is its author’s own' });
      assert.notEqual(bens.message.seq, first.message.seq);
      await a.hear('message', ({ seq }) => seq === bens.message.seq);
      assert.equal(a.heard('message').filter((m) => m.id === id && m.author.name === 'ada').length, 1);
    });

    test('an edit keeps the place, takes a new rev and says when', async () => {
      const sent = await a.send('lobby', 'teh cat');
      const { message } = await a.ok('message:edit', { room: 'lobby', seq: sent.seq, text: 'the cat' });
      assert.ok(message.editedAt);
      assert.ok(message.rev > sent.rev);
      assertMessage(message, { room: 'lobby', seq: sent.seq, id: sent.id, kind: 'text', text: 'the cat' });
      assert.deepEqual(await b.hear('message', ({ rev }) => rev === message.rev), message);
    });

    test('a deleted message keeps its place and loses its words', async () => {
      const sent = await a.send('lobby', 'I should not have said this');
      const { message } = await a.ok('message:delete', { room: 'lobby', seq: sent.seq });
      assert.ok(message.deletedAt);
      const { deletedBy, ...tombstone } = message;
      assert.equal(deletedBy, hello.user.id);
      assertMessage(tombstone, { room: 'lobby', seq: sent.seq, id: sent.id, kind: 'text', text: '' });
      assert.deepEqual(await b.hear('message', ({ rev }) => rev === message.rev), message);
      const history = await b.ok('room:history', { room: 'lobby', around: sent.seq, limit: 1 });
      assert.equal(JSON.stringify(history).includes('I should not'), false);
    });

    test('nobody edits or deletes what another wrote', async () => {
      const sent = await a.send('lobby', 'mine');
      assert.equal((await b.refusal('message:edit', { room: 'lobby', seq: sent.seq, text: 'ours' })).code, 'forbidden');
      assert.equal((await b.refusal('message:delete', { room: 'lobby', seq: sent.seq })).code, 'forbidden');
    });

    test('an answer names the message it answers', async () => {
      const question = await a.send('lobby', 'tea or coffee?');
      const answer = await b.send('lobby', 'tea', { replyTo: question.seq });
      assert.equal(answer.replyTo, question.seq);
      assert.deepEqual(await a.hear('message', ({ seq }) => seq === answer.seq), answer);
    });

    test('history pages both ways in order of seq', async () => {
      const sent = [];
      for (let n = 0; n < 12; n++) sent.push((await a.send('lobby', `line ${n}`)).seq);
      const page = async (query) => {
        const { messages, ...rest } = await b.ok('room:history', { room: 'lobby', ...query });
        return { seqs: messages.map(({ seq }) => seq), ...rest };
      };
      assert.deepEqual(await page({ limit: 5 }), { ok: true, seqs: sent.slice(-5), hasOlder: true, hasNewer: false });
      assert.deepEqual(await page({ before: sent[7], limit: 5 }),
        { ok: true, seqs: sent.slice(2, 7), hasOlder: true, hasNewer: true });
      assert.deepEqual(await page({ after: sent[7], limit: 9 }),
        { ok: true, seqs: sent.slice(8), hasOlder: true, hasNewer: false });
      const around = await page({ around: sent[6], limit: 5 });
      assert.equal(around.seqs.length, 5);
      assert.ok(around.seqs.includes(sent[6]) && around.hasOlder && around.hasNewer);
    });

    test('the read pointer moves forward only, and the own other sockets hear it', async () => {
      const first = await b.send('lobby', 'one');
      const second = await b.send('lobby', 'two');
      const other = await ada.connect('/general', over);
      const read = await a.ok('room:read', { room: 'lobby', seq: second.seq });
      assert.deepEqual(read, { ok: true, lastRead: second.seq, unread: 0, mentions: 0 });
      assert.deepEqual(await other.hear('read', ({ seq }) => seq === second.seq), { room: 'lobby', seq: second.seq, unread: 0, mentions: 0 });
      assert.deepEqual(await a.ok('room:read', { room: 'lobby', seq: first.seq }), read, 'never back');
      const { rooms } = await other.ok('room:list', {});
      assert.equal(rooms[0].lastRead, second.seq);
      assert.deepEqual(b.heard('read').filter(({ seq }) => seq === second.seq), [], 'it is nobody else’s business');
      other.close();
    });

    test('typing is heard by the others and not by the one who types', async () => {
      for (const on of [true, false]) {
        // It is told at most once, and not to who is busy just then: one types on until it is noticed.
        const heard = () => b.heard('typing').find((notice) => notice.on === on);
        for (let n = 0; n < 200 && !heard(); n++) {
          await a.ok('typing', { room: 'lobby', on: true });
          if (!on) await a.ok('typing', { room: 'lobby', on });
          await b.ok('room:list', {});
        }
        assert.deepEqual(heard(), { room: 'lobby', user: { id: hello.user.id, name: 'ada' }, on });
      }
      await a.ok('room:list', {});
      assert.deepEqual(a.heard('typing'), []);
    });

    test('a room that was left is quiet, and can be joined again', async () => {
      const quiet = await ben.join('lobby', over);
      await quiet.ok('room:leave', { room: 'lobby' });
      assert.equal((await quiet.refusal('room:leave', { room: 'lobby' })).code, 'not_found');
      const { seq } = await a.send('lobby', 'who is still here?');
      await b.hear('message', (message) => message.seq === seq);
      const { messages } = await quiet.ok('room:join', { room: 'lobby' });
      assert.equal(messages.at(-1).seq, seq);
      assert.equal(quiet.heard('message').some((message) => message.seq === seq), false);
      quiet.close();
    });

    test('who comes and goes is heard by who stays', async () => {
      const cleo = await server.signUp(`cleo-${way}`);
      const c = await cleo.join('lobby', over);
      const came = await a.hear('presence', ({ joined }) => joined?.some(({ name }) => name === cleo.name), 'the arrival');
      assert.equal(came.room, 'lobby');
      assert.equal(typeof came.count, 'number');
      c.close();
      const { id } = came.joined.find(({ name }) => name === cleo.name);
      await a.hear('presence', ({ left }) => left?.includes(id), 'the leaving');
    });
  });
}

test('the answer to a join describes the room', async () => {
  const { joined } = await ada.join('lobby');
  const { room, messages, hasOlder } = joined;
  for (const [field, type] of Object.entries({
    slug: 'string', name: 'string', topic: 'string', epoch: 'string', head: 'number', posts: 'number',
    frozen: 'boolean', slowMode: 'number', lastRead: 'number', unread: 'number',
  })) assert.equal(typeof room[field], type, `room.${field}`);
  assert.equal(room.online.count, room.online.users.length);
  assert.ok(room.online.users.some(({ name }) => name === 'ada'));
  assert.ok(messages.length <= 50);
  assert.deepEqual(messages.map(({ seq }) => seq), messages.map(({ seq }) => seq).toSorted((x, y) => x - y));
  assert.equal(typeof hasOlder, 'boolean');
  assert.equal('reset' in joined, false);
});
