// What moderators do, as it is felt by those who are connected: the purge and its undoing, frozen and
// slow rooms, the log and the figures they watch.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { messageID } from './client.mjs';
import { Server, unlimited } from './harness.mjs';
import { company } from './moderators.mjs';
import { Participant } from './participant.mjs';

let server, people, mona, tess;

before(async () => {
  server = await Server.start({ args: [...unlimited, '--replay-cap=1000'] });
  people = await company(server, { moderators: ['mona', 'tess'], members: ['mia', 'ben', 'cleo'] });
  mona = await people.mona.connect('/admin');
  tess = await people.tess.connect('/admin');
});
after(() => server.close());

test('a purge takes all that a member wrote, in every room, and its undoing brings that back and no more', async () => {
  const mia = await people.mia.join('lobby');
  const ben = await people.ben.join('lobby');
  const { room } = await (await people.olga.connect('/general')).ok('room:create', { name: 'Town' });
  const listener = new Participant(people.ben.dial('/general'));
  await listener.until(({ ready }) => ready, 'the join');
  const texts = Array.from({ length: 240 }, (_, n) => `spam, the ${n}th`);
  const spam = await Promise.all(texts.map((text, n) => mia.send(n % 8 ? 'lobby' : room.slug, text)));
  const regretted = await mia.send('lobby', 'regretted');
  await mia.ok('message:delete', { room: 'lobby', seq: regretted.seq });
  const other = await ben.send('lobby', 'not a word of mine');
  await listener.until(({ changes }) => changes.some(({ seq }) => seq === other.seq), 'the last of them');
  const since = { ...listener.position };

  let talking = true;
  const talk = (async () => {
    const sent = [];
    while (talking) sent.push(await ben.send('lobby', `we talk on, ${sent.length}`));
    return sent;
  })();
  const user = people.mia.id;
  const { messages: deleted } = await mona.ok('member:purge', { user, reason: 'all of it spam' });
  talking = false;
  assert.equal(deleted, 240);
  const standing = await talk;
  const { purged, member } = await tess.ok('member:get', { user });
  assert.equal(purged, 240);
  assert.equal(member.ban, undefined);

  const inLobby = spam.filter((message) => message.room === 'lobby').map(({ seq }) => seq);
  const gone = ({ changes }) => new Set(changes.filter((m) => m.deletedAt && m.author.name === 'mia').map(({ seq }) => seq));
  await listener.until((p) => inLobby.every((seq) => gone(p).has(seq)), 'all tombstones');
  for (const slug of ['lobby', room.slug]) {
    const sent = spam.filter((message) => message.room === slug).map(({ seq }) => seq);
    for (let n = 0; n < sent.length; n += 50) {
      const { messages } = await ben.ok('message:get', { room: slug, seqs: sent.slice(n, n + 50) });
      for (const message of messages) assert.deepEqual([message.text, message.deletedBy], ['', people.mona.id]);
    }
  }
  assert.deepEqual((await ben.ok('room:search', { query: 'spam' })).messages, []);
  const others = await ben.ok('message:get', { room: 'lobby', seqs: standing.slice(-50).map(({ seq }) => seq) });
  assert.deepEqual(others.messages, standing.slice(-50), 'what others wrote meanwhile stands');

  const { messages: restored } = await tess.ok('member:restore', { user, reason: 'it was poetry' });
  assert.equal(restored, 240);
  const back = (p) => new Set(p.changes.filter((m) => inLobby.includes(m.seq) && m.rev > since.rev && !m.deletedAt).map(({ seq }) => seq));
  await listener.until((p) => back(p).size === inLobby.length, 'all of them again');
  listener.assertAscending();
  const { messages, reset } = await (await people.cleo.connect('/general')).ok('room:join', { room: 'lobby', since });
  assert.equal(reset, undefined);
  const now = new Map(messages.map((message) => [message.seq, message]));
  assert.equal(now.size, messages.length, 'each once');
  for (const before of spam.filter((message) => message.room === 'lobby')) {
    const { rev, ...message } = now.get(before.seq);
    const { rev: was, ...expected } = before;
    assert.deepEqual(message, expected);
    assert.ok(rev > was);
  }
  const { messages: [mistake] } = await ben.ok('message:get', { room: 'lobby', seqs: [regretted.seq] });
  assert.equal(mistake.text, '', 'what they deleted themselves stays deleted');
  assert.equal((await mona.ok('member:restore', { user, reason: 'again' })).messages, 0);
  for (const client of [mia, ben, listener.client]) client.close();
});

test('a ban with a purge takes the messages too, and lifting it does not bring them back', async () => {
  const troll = await server.signUp('troll');
  const theirs = await troll.join('lobby');
  const ben = await people.ben.join('lobby');
  const sent = [];
  for (let n = 0; n < 3; n++) sent.push(await theirs.send('lobby', `trolling ${n}`));
  const user = sent[0].author.id;
  const { purged, member } = await mona.ok('member:ban', { user, reason: 'a troll', purge: true });
  assert.deepEqual([purged, member.ban.reason, member.online], [3, 'a troll', false]);
  for (const { seq } of sent) await ben.hear('message', (m) => m.seq === seq && m.deletedAt);
  const { history } = await mona.ok('member:get', { user });
  assert.deepEqual(history.map(({ kind, reason, by }) => [kind, reason, by.name]), [['ban', 'a troll', 'mona']]);
  await mona.ok('member:unban', { user, reason: 'not so bad' });
  const { messages } = await ben.ok('message:get', { room: 'lobby', seqs: sent.map(({ seq }) => seq) });
  assert.deepEqual(messages.map(({ text }) => text), ['', '', '']);
  ben.close();
});

test('a mute holds from its acknowledgement on, on every connection, and so does its end', async () => {
  const loud = await server.signUp('loud');
  const clients = [await loud.join('lobby'), await loud.join('lobby')];
  const ben = await people.ben.join('lobby');
  const user = (await clients[0].hear('hello')).user.id;
  let talking = true;
  const talk = clients.map(async (client) => {
    const codes = [];
    while (talking || !codes.includes('muted')) {
      const { error } = await client.ask('message:send', { room: 'lobby', id: messageID(), text: 'on and on' });
      codes.push(error?.code ?? 'ok');
    }
    return codes;
  });
  await ben.hear('message', ({ author }) => author.name === 'loud');
  const { member } = await mona.ok('member:mute', { user, minutes: 30, reason: 'too loud' });
  const { room: { head } } = await ben.ok('room:join', { room: 'lobby' });
  talking = false;
  for (const codes of await Promise.all(talk)) assert.match(codes.join(' '), /^(ok )*muted( muted)*$/);
  const { room } = await ben.ok('room:join', { room: 'lobby' });
  assert.equal(room.head, head, 'nothing came behind the acknowledgement');
  const told = { kind: 'mute', until: member.mute.until, reason: 'too loud' };
  for (const client of clients) {
    await client.hear('sanction');
    assert.deepEqual(client.heard('sanction'), [told]);
  }
  const late = await loud.connect('/general');
  assert.deepEqual((await late.hear('hello')).sanction, told);
  await mona.ok('member:unmute', { user, reason: 'quiet now' });
  for (const client of [...clients, late]) {
    await client.send('lobby', 'thanks');
    assert.deepEqual(client.heard('sanction').at(-1), { ...told, lifted: true });
    client.close();
  }
  ben.close();
});

test('a frozen room is moderators’ alone at once, and everybody’s again', async () => {
  const ben = await people.ben.join('lobby');
  const aside = await people.mia.connect('/general');
  const moderator = await people.mona.join('lobby');
  const mine = await ben.send('lobby', 'before');
  const { room } = await mona.ok('room:freeze', { room: 'lobby', on: true, reason: 'cool down' });
  assert.equal(room.frozen, true);
  const refused = [
    ['message:send', { room: 'lobby', id: messageID(), text: 'now?' }], ['message:edit', { room: 'lobby', seq: mine.seq, text: 'now?' }],
    ['message:react', { room: 'lobby', seq: mine.seq, emoji: '👍', on: true }], ['message:delete', { room: 'lobby', seq: mine.seq }],
  ];
  for (const [event, request] of refused) assert.equal((await ben.refusal(event, request)).code, 'frozen', event);
  for (const client of [ben, aside]) await client.hear('room', ({ slug, frozen }) => slug === 'lobby' && frozen);
  const said = await moderator.send('lobby', 'calm, please');
  await ben.hear('message', ({ seq }) => seq === said.seq);
  await mona.ok('room:freeze', { room: 'lobby', on: false, reason: 'cool now' });
  for (const [event, request] of refused) await ben.ok(event, request);
  assert.equal(ben.heard('room').at(-1).frozen, false);
  for (const client of [ben, aside, moderator]) client.close();
});

test('slow mode holds members to one message at a time and tells them how long', async () => {
  const ben = await people.ben.join('lobby');
  const moderator = await people.mona.join('lobby');
  const { room } = await mona.ok('room:slow', { room: 'lobby', seconds: 600, reason: 'too busy' });
  assert.equal(room.slowMode, 600);
  await ben.hear('room', ({ slowMode }) => slowMode === 600);
  const send = () => ben.ask('message:send', { room: 'lobby', id: messageID(), text: 'again' });
  await send(); // the first, or one of the ten minutes before slow mode was
  const { ok, error } = await send();
  assert.equal(ok, false);
  assert.equal(error.code, 'rate_limited');
  assert.ok(error.retryAfter > 500 && error.retryAfter <= 600, `${error.retryAfter} s`);
  const again = await people.ben.join('lobby');
  assert.ok(again.joined.room.wait > 500 && again.joined.room.wait <= 600, `${again.joined.room.wait} s`);
  for (let n = 0; n < 3; n++) await moderator.send('lobby', 'moderators do not wait');
  await mona.ok('room:slow', { room: 'lobby', seconds: 0, reason: 'quiet again' });
  for (let n = 0; n < 3; n++) await ben.send('lobby', 'nobody waits');
  assert.equal('wait' in (await again.ok('room:join', { room: 'lobby' })).room, false);
  for (const client of [ben, again, moderator]) client.close();
});

test('every act is told to all moderators as it stands in the log', async () => {
  const user = people.cleo.id;
  const acts = [
    ['member:mute', { user, minutes: 5, reason: 'first' }], ['member:unmute', { user, reason: 'second' }],
    ['member:ban', { user, reason: 'third' }], ['member:unban', { user, reason: 'fourth' }],
    ['room:freeze', { room: 'lobby', on: true, reason: 'fifth' }], ['room:freeze', { room: 'lobby', on: false, reason: 'sixth' }],
    ['room:slow', { room: 'lobby', seconds: 7, reason: 'seventh' }], ['room:slow', { room: 'lobby', seconds: 0, reason: 'eighth' }],
  ];
  for (const [event, request] of acts) await mona.ok(event, request);
  const { entries } = await tess.ok('audit:list', { limit: acts.length });
  const log = entries.toReversed();
  assert.deepEqual(log.map(({ act, reason }) => [act, reason]), acts.map(([event, { reason }]) => [event, reason]));
  for (const entry of log) {
    assert.equal(entry.actor.name, 'mona');
    for (const client of [mona, tess]) assert.deepEqual(await client.hear('audit', ({ id }) => id === entry.id), entry);
  }
  assert.deepEqual(log.map(({ id }) => id), log.map((_, n) => log[0].id + n));
  const [mute] = log;
  assert.deepEqual([mute.target.name, typeof mute.after.until, mute.before], ['cleo', 'string', undefined]);
  const ids = tess.heard('audit').map(({ id }) => id);
  assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => a - b), 'each once, in order');
});

test('who watches the figures hears them, and who watches no more does not', async () => {
  const ben = await people.ben.join('lobby', { transports: ['websocket'] });
  await ben.send('lobby', 'somebody talks');
  const { stats } = await mona.ok('stats', {});
  assert.ok(stats.connections.websocket > 0 && stats.sockets['/general'] > 0 && stats.sockets['/admin'] >= 2);
  assert.ok(stats.members >= 3 && stats.rooms >= 1 && stats.ackP99 >= stats.ackP50 && stats.ackP50 > 0, JSON.stringify(stats));
  assert.ok(Array.isArray(stats.history));
  await tess.ok('stats', { watch: true });
  await mona.ok('stats', { watch: true });
  const { history, ...first } = stats;
  const sample = await mona.hear('stats');
  assert.deepEqual(Object.keys(sample).sort(), Object.keys(first).sort());
  await tess.hear('stats', ({ at }) => at === sample.at);
  await mona.ok('stats', { watch: false });
  const count = mona.heard('stats').length;
  const next = await tess.hear('stats', ({ at }) => at > sample.at);
  const later = await mona.ok('stats', {});
  assert.ok(later.stats.history.some(({ at }) => at === next.at), 'what is told is kept');
  assert.equal(mona.heard('stats').length, count);
  ben.close();
});
