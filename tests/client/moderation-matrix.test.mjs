// Who may do what to whom: every event of docs/events.md, asked by everybody, over the wire.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { messageID } from './client.mjs';
import { Server, unlimited } from './harness.mjs';
import { company, knock, reportOf } from './moderators.mjs';

const page = await readFile(new URL('../../docs/events.md', import.meta.url), 'utf8');

// What a cell says: the code of the answer, "ok" for none, or how the namespace refused the connection.
const codes = { ok: undefined, no: 'forbidden', gone: 'not_found', muted: 'muted', bad: 'invalid' };
const doors = { out: 'unauthenticated', closed: 'forbidden' };

const columns = ['anonymous', 'member', 'muted', 'banned', 'moderator', 'owner'];

const here = ({ room }) => ({ room });
const message = ({ room, seq }) => ({ room, seq });
const member = ({ user }) => ({ user, reason: 'the matrix' });
const rule = { name: 'the matrix', kind: 'words', action: 'flag', off: true, words: ['matrix'] };
const nothing = () => ({});

// What both namespaces know: event, whose message it is about, the cells of /general, the cells of /admin, the
// request. Nobody's message in the room of moderators is a member's.
const both = [
  //                              anonymous member muted banned moderator owner
  ['room:list', '', 'out ok ok out ok ok', 'out closed closed out ok ok', nothing],
  ['room:join', '', 'out ok ok out ok ok', 'out closed closed out ok ok', here],
  ['room:history', '', 'out ok ok out ok ok', 'out closed closed out ok ok', here],
  ['room:search', '', 'out ok ok out ok ok', 'out closed closed out ok ok', ({ room }) => ({ room, query: 'matrix' })],
  ['room:read', '', 'out ok ok out ok ok', 'out closed closed out ok ok', ({ room }) => ({ room, seq: 1 })],
  ['room:level', '', 'out ok ok out ok ok', 'out closed closed out ok ok', ({ room }) => ({ room, level: 'all' })],
  ['user:find', '', 'out ok ok out ok ok', 'out closed closed out ok ok', ({ room }) => ({ room, query: 'm' })],
  ['typing', '', 'out ok muted out ok ok', 'out closed closed out ok ok', ({ room }) => ({ room, on: true })],
  ['room:leave', '', 'out ok ok out ok ok', 'out closed closed out ok ok', here],
  ['message:send', '', 'out ok muted out ok ok', 'out closed closed out ok ok', ({ room }) => ({ room, id: messageID(), text: 'the matrix' })],
  ['message:get', 'own', 'out ok ok out ok ok', 'out closed closed out ok ok', ({ room, seq }) => ({ room, seqs: [seq] })],
  ['message:get', 'a member’s', 'out ok ok out ok ok', '', ({ room, seq }) => ({ room, seqs: [seq] })],
  ['message:get', 'a moderator’s', 'out ok ok out ok ok', 'out closed closed out ok ok', ({ room, seq }) => ({ room, seqs: [seq] })],
  ['message:edit', 'own', 'out ok muted out ok ok', 'out closed closed out ok ok', ({ room, seq }) => ({ room, seq, text: 'edited' })],
  ['message:edit', 'a member’s', 'out no muted out no no', '', ({ room, seq }) => ({ room, seq, text: 'edited' })],
  ['message:edit', 'a moderator’s', 'out no muted out no no', 'out closed closed out no no', ({ room, seq }) => ({ room, seq, text: 'edited' })],
  ['message:react', 'own', 'out ok muted out ok ok', 'out closed closed out ok ok', ({ room, seq }) => ({ room, seq, emoji: '👍', on: true })],
  ['message:react', 'a member’s', 'out ok muted out ok ok', '', ({ room, seq }) => ({ room, seq, emoji: '👍', on: true })],
  ['message:react', 'a moderator’s', 'out ok muted out ok ok', 'out closed closed out ok ok', ({ room, seq }) => ({ room, seq, emoji: '👍', on: true })],
  ['message:delete', 'own', 'out ok ok out ok ok', 'out closed closed out ok ok', message],
  ['message:delete', 'a member’s', 'out no no out no no', '', message],
  ['message:delete', 'a moderator’s', 'out no no out no no', 'out closed closed out no no', message],
];

// What only /general knows. {den} is a private room with everybody in it that fern made, {vault} one of fern's alone.
const general = [
  //                              anonymous member muted banned moderator owner
  ['room:create', '', 'out no no out ok ok', () => ({ name: `Matrix ${messageID().slice(0, 8)}` })],
  ['room:update', 'everybody’s room', 'out no muted out ok ok', ({ room }) => ({ room, topic: 'the matrix' })],
  ['room:update', 'another’s private room', 'out no muted out ok ok', ({ den }) => ({ room: den, topic: 'the matrix' })],
  ['room:members', 'a private room', 'out ok ok out ok ok', ({ den }) => ({ room: den })],
  ['room:members', 'a private room of others', 'out gone gone out gone gone', ({ vault }) => ({ room: vault })],
  ['room:invite', 'a private room', 'out ok muted out ok ok', ({ den, guest }) => ({ room: den, user: guest })],
  ['room:invite', 'a private room of others', 'out gone gone out gone gone', ({ vault, guest }) => ({ room: vault, user: guest })],
  ['room:remove', 'own', 'out ok ok out ok ok', ({ den, self }) => ({ room: den, user: self })],
  ['room:remove', 'a member', 'out no muted out ok ok', ({ den, guest }) => ({ room: den, user: guest })],
  ['message:report', 'own', 'out bad muted out bad bad', ({ room, seq }) => ({ room, seq, reason: 'the matrix' })],
  ['message:report', 'a member’s', 'out ok muted out ok ok', ({ room, seq }) => ({ room, seq, reason: 'the matrix' })],
  ['message:report', 'a moderator’s', 'out ok muted out ok ok', ({ room, seq }) => ({ room, seq, reason: 'the matrix' })],
];

const act = ({ room, seq }) => ({ room, seq, reason: 'the matrix' });
const resolve = ({ report }) => ({ report, action: 'agree-and-delete', note: 'the matrix' });
const lift = (event) => ({ user }) => [event, { user, reason: 'the matrix is over' }];

// What only /admin knows, and how the owner undoes it. Messages are those of the lobby here.
const admin = [
  //                              anonymous member muted banned moderator owner
  ['member:list', '', 'out closed closed out ok ok', nothing],
  ...['own', 'a member’s', 'a moderator’s', 'an owner’s'].map((whose) => ['member:get', whose, 'out closed closed out ok ok', ({ user }) => ({ user })]),
  ['member:mute', 'own', 'out closed closed out no no', member],
  ['member:mute', 'a member’s', 'out closed closed out ok ok', member, lift('member:unmute')],
  ['member:mute', 'a moderator’s', 'out closed closed out no ok', member, lift('member:unmute')],
  ['member:mute', 'an owner’s', 'out closed closed out no no', member],
  ['member:unmute', 'own', 'out closed closed out no no', member],
  ['member:unmute', 'a member’s', 'out closed closed out ok ok', member],
  ['member:unmute', 'a moderator’s', 'out closed closed out no ok', member],
  ['member:unmute', 'an owner’s', 'out closed closed out no no', member],
  ['member:ban', 'own', 'out closed closed out no no', member],
  ['member:ban', 'a member’s', 'out closed closed out ok ok', member, lift('member:unban')],
  ['member:ban', 'a moderator’s', 'out closed closed out no ok', member, lift('member:unban')],
  ['member:ban', 'an owner’s', 'out closed closed out no no', member],
  ['member:unban', 'own', 'out closed closed out no no', member],
  ['member:unban', 'a member’s', 'out closed closed out ok ok', member],
  ['member:unban', 'a moderator’s', 'out closed closed out no ok', member],
  ['member:unban', 'an owner’s', 'out closed closed out no no', member],
  ['member:purge', 'own', 'out closed closed out no no', member],
  ['member:purge', 'a member’s', 'out closed closed out ok ok', member, lift('member:restore')],
  ['member:purge', 'a moderator’s', 'out closed closed out no ok', member, lift('member:restore')],
  ['member:purge', 'an owner’s', 'out closed closed out no no', member],
  ['member:restore', 'own', 'out closed closed out no no', member],
  ['member:restore', 'a member’s', 'out closed closed out ok ok', member],
  ['member:restore', 'a moderator’s', 'out closed closed out no ok', member],
  ['member:restore', 'an owner’s', 'out closed closed out no no', member],
  ['member:role', 'own', 'out closed closed out no no', ({ user }) => ({ user, role: 'member' })],
  ['member:role', 'a member’s', 'out closed closed out no ok', ({ user }) => ({ user, role: 'moderator' }), ({ user }) => ['member:role', { user, role: 'member' }]],
  ['member:role', 'a moderator’s', 'out closed closed out no ok', ({ user }) => ({ user, role: 'member' }), ({ user }) => ['member:role', { user, role: 'moderator' }]],
  ['member:role', 'an owner’s', 'out closed closed out no ok', ({ user }) => ({ user, role: 'member' }), ({ user }) => ['member:role', { user, role: 'owner' }]],
  ['message:delete', 'own', 'out closed closed out ok ok', act],
  ['message:delete', 'a member’s', 'out closed closed out ok ok', act],
  ['message:delete', 'a moderator’s', 'out closed closed out no ok', act],
  ['message:delete', 'an owner’s', 'out closed closed out no no', act],
  ['message:restore', 'own', 'out closed closed out no no', act],
  ['message:restore', 'a member’s', 'out closed closed out ok ok', act],
  ['message:restore', 'a moderator’s', 'out closed closed out no ok', act],
  ['message:restore', 'an owner’s', 'out closed closed out no no', act],
  ...['own', 'a member’s', 'a moderator’s', 'an owner’s'].map((whose) => ['message:original', whose, 'out closed closed out ok ok', message]),
  ['room:freeze', '', 'out closed closed out ok ok', () => ({ room: 'lobby', on: true, reason: 'the matrix' }), () => ['room:freeze', { room: 'lobby', on: false, reason: 'the matrix is over' }]],
  ['room:slow', '', 'out closed closed out ok ok', () => ({ room: 'lobby', seconds: 9, reason: 'the matrix' }), () => ['room:slow', { room: 'lobby', seconds: 0, reason: 'the matrix is over' }]],
  ['report:list', '', 'out closed closed out ok ok', nothing],
  ['report:resolve', 'own', 'out closed closed out gone gone', resolve],
  ['report:resolve', 'a member’s', 'out closed closed out ok ok', resolve],
  ['report:resolve', 'a moderator’s', 'out closed closed out no ok', resolve],
  ['report:resolve', 'an owner’s', 'out closed closed out no no', resolve],
  ['rule:list', '', 'out closed closed out ok ok', nothing],
  ['rule:put', '', 'out closed closed out ok ok', () => ({ rule, reason: 'the matrix' })],
  ['rule:delete', '', 'out closed closed out ok ok', ({ rule: id }) => ({ id, reason: 'the matrix' })],
  ['rule:try', '', 'out closed closed out ok ok', () => ({ rule, text: 'the matrix' })],
  ['audit:list', '', 'out closed closed out ok ok', nothing],
  ['stats', '', 'out closed closed out ok ok', () => ({ watch: true })],
];

// Where what the server sends is heard.
const heard = {
  hello: ['/general', '/admin'], message: ['/general', '/admin'], presence: ['/general', '/admin'], typing: ['/general', '/admin'],
  read: ['/general', '/admin'], activity: ['/general', '/admin'], mention: ['/general', '/admin'], room: ['/general', '/admin'],
  removed: ['/general'], held: ['/general'], sanction: ['/general', '/admin'], bye: ['/general', '/admin'],
  report: ['/admin'], audit: ['/admin'], stats: ['/admin'],
};

/** The first column of the page's tables whose heads begin so, a list for each table. */
function tables(head) {
  const found = [];
  const lines = page.split('\n');
  lines.forEach((line, at) => {
    if (!line.startsWith(head)) return;
    const rows = lines.slice(at + 2);
    const end = rows.findIndex((row) => !row.startsWith('|'));
    found.push(rows.slice(0, end).map((row) => /^\| `([^`]+)`/.exec(row)[1]));
  });
  return found;
}

const unique = (names) => [...new Set(names)].sort();

test('every event that docs/events.md names has its place in the matrix, and no other', () => {
  const asked = tables('| event | request | answer |');
  assert.equal(asked.length, 3);
  const named = (rows) => unique(rows.map(([event]) => event));
  assert.deepEqual(named(both), unique(asked[0]));
  assert.deepEqual(named(general), unique(asked[1]));
  assert.deepEqual(named(admin), unique(asked[2]));
  assert.deepEqual(unique(Object.keys(heard)), unique(tables('| event | data | when |').flat()));
});

describe('the matrix', () => {
  let server, people, owner, clients, den, vault;
  const actors = {}; // by column
  const spare = []; // messages of the muted one
  const reporters = ['wren', 'rhea', 'rolf', 'rita'];
  let reported = 0;

  before(async () => {
    server = await Server.start({ args: [...unlimited, '--typing-every=0'] });
    people = await company(server, {
      owners: ['otto', 'opal'], moderators: ['mona', 'tess', 'tim'],
      members: ['mia', 'max', 'shut', 'fern', 'tom', 'guest', ...reporters],
    });
    ({ owner } = people);
    const { olga, otto, mona, tess, mia, max, shut, fern } = people;
    Object.assign(actors, { anonymous: server.visitor(), member: mia, muted: max, banned: shut, moderator: mona, owner: olga });
    clients = { '/general': {}, '/admin': {} };
    for (const person of [olga, otto, mona, tess, mia, max, fern, ...reporters.map((name) => people[name])]) clients['/general'][person.name] = await person.join('lobby');
    for (const person of [olga, otto, mona, tess]) clients['/admin'][person.name] = await person.join('admin');
    await clients['/admin'].mona.send('admin', 'the first in here, to read up to');
    const fernClient = clients['/general'].fern;
    den = (await ofFern('Den')).slug;
    vault = (await ofFern('Vault')).slug;
    for (const { id } of [mia, max, mona, olga]) await fernClient.ok('room:invite', { room: den, user: id });
    for (const name of ['tom', 'tim']) { // who is purged has said something
      const client = await people[name].join('lobby');
      await client.send('lobby', `said by ${name}`);
      client.close();
    }
    for (let n = 0; n < 10; n++) spare.push((await clients['/general'].max.send('lobby', `before the mute ${n}`)).seq);
    await owner.ok('member:mute', { user: max.id, reason: 'the matrix' });
    await owner.ok('member:ban', { user: shut.id, reason: 'the matrix' });
  });
  after(() => server.close());

  /** A private room of fern's. Moderators create rooms: fern is one for that moment. */
  async function ofFern(name) {
    const { id } = people.fern;
    await owner.ok('member:role', { user: id, role: 'moderator' });
    const { room } = await clients['/general'].fern.ok('room:create', { name, private: true });
    await owner.ok('member:role', { user: id, role: 'member' });
    return room;
  }

  const authors = { 'a member’s': 'fern', 'a moderator’s': 'tess', 'an owner’s': 'otto' };
  const targets = { 'a member’s': 'tom', 'a moderator’s': 'tim', 'an owner’s': 'opal' };

  /** A new message of whose it is to be. */
  async function fresh(room, whose, actor) {
    if (whose === 'own' && actor.name === 'max') return spare.pop();
    const author = whose === 'own' ? actor.name : authors[whose];
    return (await clients[room === 'admin' ? '/admin' : '/general'][author].send(room, 'a message of the matrix')).seq;
  }

  /** What a request of a row needs that is there already. */
  async function staged([event, whose], room, actor) {
    const scene = { room, den, vault, guest: people.guest.id, self: actor.id };
    scene.user = whose === 'own' ? actor.id : people[targets[whose]]?.id;
    if (event.startsWith('message:') && whose) scene.seq = await fresh(room, whose, actor);
    if (event === 'report:resolve') {
      scene.seq = await fresh('lobby', whose, actor);
      const reporter = reporters[reported++ % reporters.length]; // one alone would be too fast
      await clients['/general'][reporter].ok('message:report', { room: 'lobby', seq: scene.seq, reason: 'the matrix' });
      const reader = actor.name === 'olga' && whose === 'own' ? clients['/admin'].tess : owner; // nobody sees a report about themselves
      scene.report = (await reportOf(reader, scene)).id;
    }
    if (event === 'message:restore') {
      const by = { own: actor.name, 'an owner’s': 'otto' }[whose] ?? 'olga';
      await clients['/admin'][by].ok('message:delete', { room, seq: scene.seq, reason: 'the matrix' });
    }
    if (event === 'rule:delete') scene.rule = (await owner.ok('rule:put', { rule, reason: 'the matrix' })).rule.id;
    if (event === 'room:remove' && whose !== 'own') await clients['/general'].fern.ok('room:invite', { room: den, user: scene.guest });
    return scene;
  }

  /** Puts back what a granted request has changed and another cell needs. */
  async function tidied([event, whose, , , undo], namespace, scene, actor) {
    if (undo) await owner.ok(...undo(scene));
    if (event === 'room:leave') await clients[namespace][actor.name].ok('room:join', { room: scene.room });
    const fern = clients['/general'].fern;
    if (event === 'room:invite') await fern.ok('room:remove', { room: den, user: scene.guest });
    if (event === 'room:remove' && whose === 'own') await fern.ok('room:invite', { room: den, user: actor.id });
  }

  /** Asks for a row as everybody and returns its cells as they are. */
  async function asked(row, namespace, room) {
    const [event, , , request] = row;
    const words = [];
    for (const column of columns) {
      const actor = actors[column];
      const client = clients[namespace][actor.name];
      if (!client) {
        const code = await knock(actor, namespace, event, request({ room, den, vault, seq: 1, user: people.tom.id, guest: people.guest.id, report: 1, rule: 1 }));
        words.push(Object.keys(doors).find((word) => doors[word] === code) ?? code);
        continue;
      }
      const scene = await staged(row, room, actor);
      const { ok, error } = await client.ask(event, request(scene));
      assert.equal(ok, error === undefined, event);
      if (ok) await tidied(row, namespace, scene, actor);
      words.push(Object.keys(codes).find((word) => codes[word] === error?.code) ?? error.code);
    }
    return words.join(' ');
  }

  const named = (row, namespace) => `${namespace} ${row[0]}${row[1] && `, ${row[1]}`}`;
  const rows = [
    ...both.map(([event, whose, cells, , request]) => [[event, whose, cells, request], '/general', 'lobby']),
    ...both.filter(([, , , cells]) => cells).map(([event, whose, , cells, request]) => [[event, whose, cells, request], '/admin', 'admin']),
    ...general.map((row) => [row, '/general', 'lobby']),
    ...admin.map((row) => [row, '/admin', 'lobby']),
  ];
  for (const [row, namespace, room] of rows) {
    test(named(row, namespace), async () => {
      assert.equal(row[2].split(' ').length, columns.length);
      assert.equal(await asked(row, namespace, room), row[2]);
    });
  }

  test('after all that nobody but moderators and owners stands in the log as an actor', async () => {
    const actors = new Set();
    for (let before; ;) {
      const { entries, hasOlder } = await owner.ok('audit:list', { limit: 100, before });
      entries.forEach(({ actor }) => actors.add(actor.name));
      if (!hasOlder) break;
      before = entries.at(-1).id;
    }
    assert.deepEqual(unique(actors), ['mona', 'olga', 'otto']);
  });

  test('after all that nobody has heard anything in a namespace where it is not said', () => {
    for (const [namespace, all] of Object.entries(clients)) {
      for (const [name, { log }] of Object.entries(all)) {
        const events = unique(log.filter(({ event }) => event).map(({ event }) => event));
        assert.deepEqual(events.filter((event) => !heard[event]?.includes(namespace)), [], `${name} in ${namespace}`);
      }
    }
    assert.ok(clients['/admin'].mona.heard('audit').length > 20);
    assert.ok(clients['/admin'].mona.heard('report').length > 5);
  });
});
