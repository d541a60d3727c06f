// The audit log against somebody who has the file: whatever they change in an entry is found.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { within } from './client.mjs';
import { Server } from './harness.mjs';
import { company } from './moderators.mjs';

const script = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
print(db.execute(sys.argv[2]).rowcount)
db.close()
`;

let server, people, owner;

/** Runs a statement on a stopped server's database and returns how many rows it changed. */
async function sql(statement) {
  const { stdout } = await within(promisify(execFile)('python3', ['-c', script, server.db, statement]), statement);
  return Number(stdout);
}

const verified = () => server.run(['audit', 'verify']);

before(async () => {
  server = await Server.start();
  people = await company(server, { moderators: ['mona'], members: ['mia'] });
  ({ owner } = people);
  const user = people.mia.id;
  await owner.ok('member:mute', { user, minutes: 10, reason: 'shouts' });
  await owner.ok('member:unmute', { user, reason: 'whispers' });
  await owner.ok('room:slow', { room: 'lobby', seconds: 5, reason: 'busy' });
});
after(() => server.close());

test('the chain is unbroken beside a running server and behind a stopped one', async () => {
  const beside = await verified();
  assert.equal(beside.code, 0, beside.output);
  assert.match(beside.output, /^4 entries, unbroken, head [0-9a-f]{64}\n$/);
  assert.equal((await server.stop()).code, 0);
  assert.deepEqual(await verified(), beside);
});

test('one byte of an entry changed in the file is found, and the entry named', async () => {
  const { output: unbroken } = await verified();
  await assert.rejects(sql("UPDATE chat_audit SET reason = 'Shouts' WHERE id = 2"), /append-only/);
  await assert.rejects(sql('DELETE FROM chat_audit WHERE id = 2'), /append-only/);
  for (const trigger of ['insert', 'update', 'delete']) await sql(`DROP TRIGGER chat_audit_${trigger}`);
  const changes = [
    [2, "reason = 'shoutt'", "reason = 'shouts'"],
    [1, 'at = at + 1', 'at = at - 1'],
    [3, "actor_id = '9'", `actor_id = '${people.olga.id}'`],
    [4, "after = replace(after, '5', '6')", "after = replace(after, '6', '5')"],
  ];
  for (const [id, forged, genuine] of changes) {
    assert.equal(await sql(`UPDATE chat_audit SET ${forged} WHERE id = ${id}`), 1);
    const { code, output } = await verified();
    assert.deepEqual([code, output], [1, `roomline: entry ${id} does not fit: it, or what stood before it, was changed\n`], forged);
    assert.equal(await sql(`UPDATE chat_audit SET ${genuine} WHERE id = ${id}`), 1);
  }
  assert.deepEqual(await verified(), { code: 0, output: unbroken }, 'as it was');
});

test('an entry that is taken out is named', async () => {
  assert.equal(await sql('DELETE FROM chat_audit WHERE id = 2'), 1);
  const { code, output } = await verified();
  assert.equal(code, 1);
  assert.match(output, /entry 2 does not fit/);
});
