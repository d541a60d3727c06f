// The queue of the moderators, live: reports, what waits for review, and two who decide at once.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { messageID } from './client.mjs';
import { Server, unlimited } from './harness.mjs';
import { company, reportOf } from './moderators.mjs';

let server, people, mona, tess;

before(async () => {
  server = await Server.start({ args: [...unlimited, '--typing-every=0'] });
  people = await company(server, { moderators: ['mona', 'tess'], members: ['mia', 'ben', 'cleo'] });
  mona = await people.mona.join('admin');
  tess = await people.tess.join('admin');
  for (const [action, word] of [['hold', 'zeppelin'], ['flag', 'balloon']]) {
    await mona.ok('rule:put', { rule: { name: `no ${word}s`, kind: 'words', action, words: [word] }, reason: 'for this test' });
  }
});
after(() => server.close());

const heardOf = (client, part) => JSON.stringify(client.log).includes(part);
const lobbyOf = async (client) => (await client.ok('room:list', {})).rooms.find(({ slug }) => slug === 'lobby');

test('a report is a card in the moderators’ room, live: it counts and says what was decided', async () => {
  const mia = await people.mia.join('lobby');
  const ben = await people.ben.join('lobby');
  const cleo = await people.cleo.join('lobby');
  const bad = await mia.send('lobby', 'a very bad word');
  assert.deepEqual(await ben.ok('message:report', { room: 'lobby', seq: bad.seq, reason: 'rude' }), { ok: true });
  const card = await mona.hear('message', ({ kind, report }) => kind === 'report' && report.seq === bad.seq);
  assert.equal(card.room, 'admin');
  assert.equal(card.id, `report-${card.report.id}`);
  assert.deepEqual(card.author, { id: '', name: 'Roomline', role: 'member' });
  const { id, at, reasons, ...rest } = card.report;
  assert.deepEqual(rest, {
    kind: 'report', state: 'open', room: 'lobby', seq: bad.seq, author: bad.author, text: 'a very bad word', count: 1, message: card.seq,
  });
  assert.deepEqual(reasons.map(({ user, text }) => [user.name, text]), [['ben', 'rude']]);
  assert.deepEqual(await tess.hear('report', (r) => r.id === id), card.report);

  await mia.ok('message:edit', { room: 'lobby', seq: bad.seq, text: 'a lovely word' });
  await mia.ok('message:delete', { room: 'lobby', seq: bad.seq });
  for (const client of [ben, cleo]) {
    assert.equal((await client.refusal('message:report', { room: 'lobby', seq: bad.seq, reason: 'too late' })).code, 'not_found');
  }
  const kept = await reportOf(mona, bad);
  assert.deepEqual([kept.text, kept.count, kept.state], ['a very bad word', 1, 'open'], 'the snapshot outlives what it shows');
  assert.equal((await mona.ok('message:original', { room: 'lobby', seq: bad.seq })).text, 'a lovely word');

  const worse = await mia.send('lobby', 'another bad word');
  await ben.ok('message:report', { room: 'lobby', seq: worse.seq, reason: 'rude again' });
  const first = await mona.hear('message', ({ report }) => report?.seq === worse.seq);
  await cleo.ok('message:report', { room: 'lobby', seq: worse.seq, reason: 'yes, rude' });
  await cleo.ok('message:report', { room: 'lobby', seq: worse.seq, reason: 'and again' });
  const second = await mona.hear('message', ({ report }) => report?.seq === worse.seq && report.count === 2);
  assert.equal(second.seq, first.seq, 'one item');
  assert.ok(second.rev > first.rev);
  assert.deepEqual(second.report.reasons.map(({ text }) => text), ['rude again', 'yes, rude'], 'who reports twice counts once');

  const { report: resolved } = await mona.ok('report:resolve', { report: second.report.id, action: 'agree-and-delete', note: 'rude' });
  const third = await tess.hear('message', ({ report }) => report?.id === resolved.id && report.state === 'resolved');
  assert.equal(third.seq, first.seq);
  assert.deepEqual(third.report, resolved);
  assert.equal(resolved.resolvedBy.name, 'mona');
  assert.deepEqual(await tess.hear('report', ({ id, state }) => id === resolved.id && state === 'resolved'), resolved);
  const gone = await ben.hear('message', ({ seq, deletedAt }) => seq === worse.seq && deletedAt);
  assert.equal(gone.text, '');
  const { messages } = await tess.ok('room:history', { room: 'admin', around: first.seq, limit: 1 });
  assert.deepEqual(messages[0].report, resolved, 'and whoever comes later reads the same');
  assert.equal(heardOf(ben, '"report-'), false);
  for (const client of [mia, ben, cleo]) client.close();
});

test('of two moderators who resolve a report at once one decides, and the other learns what', async () => {
  const mia = await people.mia.join('lobby');
  for (let round = 0; round < 12; round++) {
    const { seq } = await mia.send('lobby', `a balloon, the ${round}th`);
    const { id } = await reportOf(mona, { seq });
    const asks = [
      [mona, { report: id, action: 'agree-and-delete', note: 'no balloons' }],
      [tess, { report: id, action: 'keep', note: 'I like balloons' }],
    ];
    if (round % 2) asks.reverse();
    const answers = await Promise.all(asks.map(([client, request]) => client.ok('report:resolve', request)));
    assert.deepEqual(answers.map(({ already }) => already === true).sort(), [false, true], JSON.stringify(answers));
    const at = answers.findIndex(({ already }) => !already);
    const [, won] = asks[at];
    assert.deepEqual(answers[0].report, answers[1].report);
    const { state, action, note, resolvedBy } = answers[0].report;
    assert.deepEqual([state, action, note], ['resolved', won.action, won.note]);
    assert.equal(resolvedBy.name, asks[at][0] === mona ? 'mona' : 'tess');
    const { messages } = await mia.ok('message:get', { room: 'lobby', seqs: [seq] });
    assert.equal(messages[0].deletedAt !== undefined, won.action === 'agree-and-delete', 'what was decided is what was done');
    const { entries } = await mona.ok('audit:list', { act: 'report:resolve', limit: 100 });
    assert.equal(entries.filter(({ after }) => after.report === id).length, 1);
  }
  mia.close();
});

test('what waits for review is nowhere but with its author and the moderators, until it is approved', async () => {
  const mia = await people.mia.join('lobby');
  const elsewhere = await people.mia.connect('/general');
  const ben = await people.ben.join('lobby');
  const aside = await people.cleo.connect('/general'); // in no room: hears activity and mentions
  const moderator = await people.mona.join('lobby');
  const others = [ben, aside, moderator];
  const before = await lobbyOf(ben);
  const id = messageID();
  const sent = { room: 'lobby', id, text: 'look, @cleo and @ben, a zeppelin' };
  const { held, ...rest } = await mia.ok('message:send', sent);
  assert.deepEqual(rest, { ok: true });
  assert.deepEqual({ ...held, at: typeof held.at }, { room: 'lobby', id, text: sent.text, state: 'waiting', at: 'string' });
  assert.deepEqual((await mia.ok('message:send', sent)).held, held, 'the same to a retry');
  assert.equal((await mia.refusal('message:send', { ...sent, text: 'something else' })).code, 'id_reused');

  const plain = await mia.send('lobby', 'nothing to see here');
  assert.equal(plain.rev, before.head + 1, 'it has no place in the log');
  for (const client of [ben, moderator, mia]) await client.hear('message', ({ seq }) => seq === plain.seq);
  const told = await aside.hear('activity', ({ latest }) => latest >= plain.seq);
  assert.deepEqual([told.latest, told.posts, told.mentions], [plain.seq, before.posts + 1, 0]);
  for (const client of [...others, mia]) {
    const lobby = await lobbyOf(client);
    assert.deepEqual([lobby.head, lobby.posts, lobby.mentions ?? 0], [plain.rev, before.posts + 1, before.mentions ?? 0]);
    assert.deepEqual((await client.ok('room:search', { query: 'zeppelin' })).messages, []);
    const { messages } = await client.ok('room:history', { room: 'lobby', limit: 100 });
    const more = await client.ok('message:get', { room: 'lobby', seqs: Array.from({ length: 20 }, (_, n) => before.head + n) });
    assert.equal(JSON.stringify([messages, more]).includes('zeppelin'), false);
  }
  for (const person of [people.ben, people.mona]) {
    const client = await person.join('lobby');
    assert.equal('held' in client.joined, false);
    assert.equal(JSON.stringify(client.joined).includes('zeppelin'), false);
    client.close();
  }
  for (const client of others) {
    assert.equal(heardOf(client, 'zeppelin'), false);
    assert.deepEqual(client.heard('mention').filter(({ seq }) => seq > before.head), []);
  }
  const again = await people.mia.join('lobby');
  assert.deepEqual(again.joined.held, [held]);
  again.close();

  const card = await mona.hear('message', ({ report }) => report?.kind === 'held' && report.text === sent.text);
  assert.equal('seq' in card.report, false);
  const { report } = await tess.ok('report:resolve', { report: card.report.id, action: 'approve' });
  assert.ok(report.seq > plain.seq, 'its place is that of now');
  for (const client of [ben, moderator, mia]) {
    const message = await client.hear('message', (m) => m.id === id);
    assert.deepEqual([message.seq, message.author.name], [report.seq, 'mia']);
    assert.equal(message.mentions.length, 2);
  }
  for (const client of [ben, aside]) await client.hear('mention', ({ seq }) => seq === report.seq);
  await aside.hear('activity', ({ latest, posts }) => latest === report.seq && posts === before.posts + 2);
  for (const client of [mia, elsewhere]) {
    const decision = await client.hear('held', (h) => h.id === id);
    assert.deepEqual({ ...decision, at: 0 }, { room: 'lobby', id, state: 'approved', at: 0 });
  }
  for (const client of others) {
    assert.deepEqual(client.heard('held'), []);
    assert.deepEqual((await client.ok('room:search', { query: 'zeppelin' })).messages.map(({ seq }) => seq), [report.seq]);
    assert.equal((await client.ok('message:get', { room: 'lobby', seqs: [report.seq] })).messages.length, 1);
  }
  const later = await people.mia.join('lobby');
  assert.equal('held' in later.joined, false);
  assert.equal((await later.ok('message:send', sent)).message.seq, report.seq, 'a retry now gets the message');
  for (const client of [later, mia, elsewhere, ...others]) client.close();
});

test('what is rejected is heard of by its author alone, with the reason', async () => {
  const mia = await people.mia.join('lobby');
  const elsewhere = await people.mia.connect('/general');
  const ben = await people.ben.join('lobby');
  const sent = { room: 'lobby', id: messageID(), text: 'one more zeppelin @ben' };
  await mia.ok('message:send', sent);
  const { reports } = await mona.ok('report:list', { state: 'open' });
  const { id } = reports.find(({ kind, text }) => kind === 'held' && text === sent.text);
  await mona.ok('report:resolve', { report: id, action: 'reject', note: 'enough of them' });
  for (const client of [mia, elsewhere]) {
    const decision = await client.hear('held', (h) => h.id === sent.id);
    assert.deepEqual({ ...decision, at: 0 }, { room: 'lobby', id: sent.id, state: 'rejected', at: 0, reason: 'enough of them' });
  }
  const refused = await mia.refusal('message:send', sent);
  assert.equal(refused.code, 'forbidden');
  assert.match(refused.message, /enough of them/);
  const plain = await mia.send('lobby', 'all right then');
  await ben.hear('message', ({ seq }) => seq === plain.seq);
  assert.equal(heardOf(ben, sent.id) || heardOf(ben, 'one more'), false);
  assert.deepEqual(ben.heard('mention'), []);
  assert.equal('held' in await mia.ok('room:join', { room: 'lobby' }), false);
  for (const client of [mia, elsewhere, ben]) client.close();
});
