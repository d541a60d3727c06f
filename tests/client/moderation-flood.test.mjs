// Who floods is muted, and the moderators are told; who waits as long as they are told to is not.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { messageID } from './client.mjs';
import { Server, unlimited } from './harness.mjs';
import { company } from './moderators.mjs';

let server, people, mona;

before(async () => {
  const others = unlimited.filter((flag) => !flag.startsWith('--send-'));
  server = await Server.start({ args: [...others, '--send-burst=3', '--send-rate=5', '--flood-refusals=5', '--flood-mute=1m', '--flood-grace=0s'] });
  people = await company(server, { moderators: ['mona'], members: ['mia', 'ben'] });
  mona = await people.mona.join('admin');
});
after(() => server.close());

const send = (client, n, id = messageID()) => client.ask('message:send', { room: 'lobby', id, text: `message ${n}` });

/** Sends a message, waiting as long as is said, and returns how often that was. */
async function patiently(client, n) {
  const id = messageID();
  for (let refusals = 0; ; refusals++) {
    const { ok, error } = await send(client, n, id);
    if (ok) return refusals;
    assert.equal(error.code, 'rate_limited', `message ${n}: ${error.message}`);
    await setTimeout(1000 * error.retryAfter);
  }
}

test('a flood mutes its member for a while, and the moderators are told', async () => {
  const mia = await people.mia.join('lobby');
  const other = await people.mia.connect('/general');
  const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => send(mia, n)));
  const codes = answers.map(({ error }) => error?.code ?? 'ok');
  assert.equal(codes.filter((code) => code === 'rate_limited').length, 5, codes.join(' '));
  assert.equal(codes.lastIndexOf('rate_limited') < codes.indexOf('muted'), true, codes.join(' '));
  assert.equal(codes.at(-1), 'muted');
  const { retryAfter } = answers.at(-1).error;
  assert.ok(retryAfter > 0 && retryAfter <= 60, `${retryAfter} s`);
  for (const client of [mia, other]) {
    const { kind, reason, until } = await client.hear('sanction');
    assert.deepEqual([kind, reason, typeof until], ['mute', 'Too many messages too fast.', 'string']);
  }
  const notice = await mona.hear('message', ({ kind }) => kind === 'system');
  assert.equal(notice.text, '@mia was muted for 1 minute: too many messages too fast.');
  assert.deepEqual(notice.author, { id: '', name: 'Roomline', role: 'member' });
  const entry = await mona.hear('audit', ({ act }) => act === 'member:mute');
  assert.deepEqual([entry.actor.id, entry.target.name], ['', 'mia']);
  const { member, history } = await mona.ok('member:get', { user: people.mia.id });
  assert.equal(member.mute.reason, 'Too many messages too fast.');
  assert.equal(history.length, 1, 'once');
  await mona.ok('member:unmute', { user: people.mia.id, reason: 'has learned' });
  await patiently(mia, 'after the mute');
});

test('who has much to send and waits as long as is said is never muted', async () => {
  const ben = await people.ben.join('lobby');
  let refusals = 0;
  for (let n = 0; n < 20; n++) refusals += await patiently(ben, n);
  assert.ok(refusals >= 5, `${refusals} refusals`);
  assert.deepEqual(ben.heard('sanction'), []);
  assert.deepEqual((await mona.ok('member:get', { user: people.ben.id })).history, []);
});

test('what a client flushes after it was offline mutes nobody', async () => {
  const usual = await Server.start({ args: unlimited.filter((flag) => !/^--(send|flood)-/.test(flag)) });
  try {
    const { mia } = await company(usual, { members: ['mia'] });
    const client = await mia.connect('/general');
    client.socket.disconnect();
    const answers = Promise.all(Array.from({ length: 60 }, (_, n) => send(client, n)));
    client.socket.connect();
    for (const { ok, error } of await answers) {
      if (!ok) assert.ok(error.code === 'rate_limited' && error.retryAfter > 0, JSON.stringify(error));
    }
    await setTimeout(1000 * (await send(client, 'refused')).error.retryAfter);
    assert.equal((await send(client, 'after it')).ok, true);
    assert.deepEqual(client.heard('sanction'), []);
  } finally {
    await usual.close();
  }
});

test('a moderator who is too fast is refused and not muted', async () => {
  const moderator = await people.mona.join('lobby');
  const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => send(moderator, n)));
  const codes = answers.map(({ error }) => error?.code ?? 'ok');
  assert.deepEqual([...new Set(codes)].sort(), ['ok', 'rate_limited']);
  assert.deepEqual(moderator.heard('sanction'), []);
});
