import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choicesOf, doneWords, outranks, requestOf } from '../../public/js/moderation/choices.js';
import { already, kindWords, outcome, sanctionWords, span } from '../../public/js/moderation/words.js';
import { clockwork } from '../../public/js/time.js';

const mira = { id: '1', name: 'Mira', role: 'moderator' };
const olga = { id: '2', name: 'Olga', role: 'owner' };
const mallory = { id: '3', name: 'Mallory', role: 'member' };
const message = (more) => ({ seq: 7, author: mallory, ...more });

test('nobody acts on themselves or on their equals, the owner on all others', () => {
  assert.equal(outranks(mira, mallory), true);
  assert.equal(outranks(mira, mira), false);
  assert.equal(outranks(mira, { ...mira, id: '9' }), false);
  assert.equal(outranks(mira, olga), false);
  assert.equal(outranks(olga, mira), true);
  assert.equal(outranks(mira, { id: '', name: 'Roomline', role: 'member' }), false, 'there is nobody behind what the server says');
  assert.deepEqual(choicesOf({ me: mira, author: olga, message: message() }), []);
});

test('what can be done follows from what there is', () => {
  const offered = (about) => choicesOf({ me: mira, author: mallory, ...about });
  assert.deepEqual(offered({ message: message() }), ['delete', 'mute', 'ban']);
  assert.deepEqual(offered({ message: message({ deletedAt: 'then', deletedBy: '1' }) }), ['restore', 'mute', 'ban']);
  assert.deepEqual(offered({ message: message({ deletedAt: 'then', deletedBy: '3' }) }), ['mute', 'ban'], 'what its author deleted stays so');
  assert.deepEqual(offered({ member: { mute: {}, ban: {} } }), ['mute', 'unmute', 'ban', 'unban', 'purge']);
  assert.deepEqual(offered({ purged: 4 }), ['mute', 'ban', 'purge', 'bring-back']);
});

test('each choice asks for what it says, and for no more', () => {
  const about = { user: '3', room: 'lobby', seq: 7 };
  const asked = (choice, fields) => requestOf(choice, { reason: 'Spam', minutes: 0, purge: false, ...fields }, about);
  assert.deepEqual(asked('delete'), ['message:delete', { room: 'lobby', seq: 7, reason: 'Spam' }]);
  assert.deepEqual(asked('restore'), ['message:restore', { room: 'lobby', seq: 7, reason: 'Spam' }]);
  assert.deepEqual(asked('mute', { minutes: 60 }), ['member:mute', { user: '3', minutes: 60, reason: 'Spam' }]);
  assert.deepEqual(asked('mute'), ['member:mute', { user: '3', reason: 'Spam' }]);
  assert.deepEqual(asked('unmute', { minutes: 60 }), ['member:unmute', { user: '3', reason: 'Spam' }]);
  assert.deepEqual(asked('ban', { purge: true }), ['member:ban', { user: '3', reason: 'Spam', purge: true }]);
  assert.deepEqual(asked('ban', { minutes: 10 }), ['member:ban', { user: '3', minutes: 10, reason: 'Spam' }]);
  assert.deepEqual(asked('unban'), ['member:unban', { user: '3', reason: 'Spam' }]);
  assert.deepEqual(asked('purge'), ['member:purge', { user: '3', reason: 'Spam' }]);
  assert.deepEqual(asked('bring-back'), ['member:restore', { user: '3', reason: 'Spam' }]);
});

test('what was done is said in words', () => {
  const said = (choice, fields = {}, answer = {}) => doneWords(choice, 'Mallory', { reason: 'Spam', minutes: 0, purge: false, ...fields }, answer);
  assert.equal(said('mute', { minutes: 60 }), 'Mallory is muted for 1 hour.');
  assert.equal(said('mute'), 'Mallory is muted until it is lifted.');
  assert.equal(said('ban', { purge: true }, { purged: 12 }), 'Mallory is banned until it is lifted. 12 messages deleted.');
  assert.equal(said('purge', {}, { messages: 1 }), '1 message of Mallory deleted.');
  assert.equal(said('bring-back', {}, { messages: 3 }), '3 messages of Mallory brought back.');
});

test('a time is said in the largest unit that fits', () => {
  assert.deepEqual([10, 60, 90, 120, 1440, 10080, 0].map(span),
    ['for 10 minutes', 'for 1 hour', 'for 90 minutes', 'for 2 hours', 'for 1 day', 'for 7 days', 'until it is lifted']);
});

test('a card says how it came into the queue', () => {
  const report = (more) => ({ kind: 'report', count: 1, reasons: [{ user: mira, text: 'spam' }], ...more });
  assert.equal(kindWords(report()), 'Reported by Mira');
  assert.equal(kindWords(report({ count: 3 })), 'Reported by 3');
  assert.equal(kindWords(report({ kind: 'flag', reasons: [{ user: { id: '', name: 'Roomline' }, text: 'Shops' }] })), 'Flagged by a rule');
  assert.equal(kindWords(report({ kind: 'flag', count: 2 })), 'Reported by 2');
  assert.equal(kindWords(report({ kind: 'held' })), 'Waits for review');
});

test('the second moderator learns what the first did', () => {
  assert.equal(already({ action: 'agree-and-delete', resolvedBy: { name: 'Nora' } }), 'Nora deleted the message already.');
  assert.equal(already({ action: 'reject-and-mute', resolvedBy: { name: 'Nora' } }), 'Nora rejected it and muted its author already.');
  assert.equal(outcome({ action: 'of a later version' }), 'resolved it');
});

test('a sanction says until when, by whom and why', () => {
  const time = clockwork({ timeZone: 'UTC', locale: 'en-GB' });
  assert.equal(sanctionWords({ kind: 'mute', until: '2026-11-26T14:05:00Z', by: mira, reason: 'spam' }, time), 'Muted until 26 Nov 2026, 14:05 by Mira: spam');
  assert.equal(sanctionWords({ kind: 'ban', by: { id: '', name: '' }, reason: 'flood' }, time), 'Banned by Roomline: flood');
});
