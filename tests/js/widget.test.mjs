import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Rooms } from '../../public/js/rooms.js';
import { connectionWords } from '../../public/js/widget/banner.js';
import { de } from '../../public/js/widget/de.js';
import { en } from '../../public/js/widget/en.js';
import { pendingStatus } from '../../public/js/widget/status.js';
import { listed, pause, refusalWords, remaining, stringsOf, translator } from '../../public/js/widget/strings.js';
import { reviewWords, Talk } from '../../public/js/widget/talk.js';

const t = translator(en, 'en');

test('German says all that English says, with the same blanks', () => {
  const blanks = (text) => [...text.matchAll(/\{(\w+)\}/gu)].map(([, name]) => name).sort();
  assert.deepEqual(Object.keys(de).filter((key) => !key.startsWith('code_')), Object.keys(en));
  for (const key of Object.keys(en)) assert.deepEqual(blanks(de[key]), blanks(en[key]), key);
});

test('a page in any German gets German, any other language English', async () => {
  for (const language of ['de', 'de-AT', 'DE']) assert.equal((await stringsOf(language)).send, 'Senden');
  for (const language of ['en', 'fr', 'den', '']) assert.equal((await stringsOf(language)).send, 'Send');
});

test('words are filled in, in the plural that the language has', () => {
  assert.equal(t('people', { n: 1 }), '1 person here');
  assert.equal(t('people', { n: 0 }), '0 people here');
  assert.equal(translator({ people_few: 'few {n}', people_other: 'other {n}' }, 'pl')('people', { n: 3 }), 'few 3');
  assert.equal(translator({ people_other: 'other {n}' }, 'pl')('people', { n: 3 }), 'other 3', 'a form that is missing');
  assert.equal(t('left', { n: 5 }), '5 left', 'a key without plurals');
  assert.equal(t('and', { names: '{last}', last: 'b' }), '{last} and b', 'a value is no pattern');
  assert.equal(translator(en, 'no language')('people', { n: 1 }), '1 person here');
  assert.equal(t('heldOver', { reason: '' }), 'Not approved.');
});

test('names, pauses and refusals are put into words', () => {
  assert.equal(listed([], t), '');
  assert.equal(listed(['a'], t), 'a');
  assert.equal(listed(['a', 'b', 'c'], translator(de, 'de')), 'a, b und c');
  assert.deepEqual([1, 45, 60, 90, 7200].map((seconds) => pause(seconds, t)), ['1 second', '45 seconds', '1 minute', '90 seconds', '2 hours']);
  assert.deepEqual([1, 119, 121].map((seconds) => remaining(seconds, t)), ['1 second', '119 seconds', '3 minutes']);
  assert.equal(refusalWords(en, { code: 'frozen', message: 'It is cold.' }), 'It is cold.');
  assert.equal(refusalWords(de, { code: 'frozen', message: 'It is cold.' }), de.code_frozen);
});

test('a message on its way says nothing for a second, and then what is the matter', () => {
  const status = pendingStatus(t);
  const at = 1_000_000;
  const entry = { id: 'i', text: 'x', at, since: at };
  for (const [more, now, state, words, failed] of [
    [{}, at + 999, 'live', '', false],
    [{}, at + 1000, 'live', 'Sending…', false],
    [{}, at + 10_000, 'offline', en.failedOffline, true],
    [{}, at + 10_000, 'reconnecting', en.failedAway, true],
    [{ failed: true }, at + 10, 'live', en.failedNoAnswer, true],
    [{ until: at + 2500 }, at, 'live', 'Waiting. It will be sent in 3 s.', false],
    [{}, at, 'ended', en.failedEnded, true],
    [{}, at, 'refused', en.failedRefused, true],
    [{ status: { words: 'heldOver|a | b', failed: true, held: 'over' } }, at, 'live', 'Not approved. a | b', true],
  ]) {
    const said = status({ ...entry, ...more }, { now, state });
    assert.deepEqual([said.words, said.failed], [words, failed], `${state} ${JSON.stringify(more)}`);
  }
  assert.deepEqual(reviewWords('heldUnknown|'), { key: 'heldUnknown', reason: '' });
});

test('a short outage is not spoken of, the end of a session at once', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const said = [];
  const words = connectionWords((...what) => said.push(what), t);
  words.update({ name: 'reconnecting' });
  context.mock.timers.tick(2000);
  words.update({ name: 'live' });
  context.mock.timers.tick(5000);
  assert.deepEqual(said.splice(0), [['', '', false]]);
  words.update({ name: 'reconnecting' });
  context.mock.timers.tick(1000);
  words.update({ name: 'offline' });
  context.mock.timers.tick(1500);
  assert.deepEqual(said.splice(0), [[en.offline, 'retry', true]], 'an outage counts from its beginning');
  words.update({ name: 'ended', reason: 'signed_out' });
  words.update({ name: 'closed', reason: 'client' });
  assert.deepEqual(said.splice(0), [[en.ended, 'signIn', true], [en.noClient, 'retry', true]]);
});

/** A hub with a server whose answers are given in turn. */
function stage() {
  const asked = [];
  const answers = [];
  const memory = new Map();
  const store = {
    get: (key) => memory.get(key) ?? null, set: (key, value) => memory.set(key, value), remove: (key) => memory.delete(key),
    keys: (prefix) => [...memory.keys()].filter((key) => key.startsWith(prefix)),
  };
  const rooms = new Rooms('');
  const hub = {
    me: { id: '2', name: 'ada' },
    state: { name: 'live' },
    store,
    rooms,
    changed: () => {},
    request: async (event, body) => {
      asked.push([event, body]);
      return answers.shift() ?? { ok: true };
    },
  };
  const view = () => {
    const heard = [];
    const on = (name) => (...what) => heard.push([name, ...what]);
    return {
      heard,
      onChanges: on('changes'), onReset: on('reset'), onRoom: on('room'), onPeople: on('people'), onChange: () => {}, onRefused: on('refused'),
      onTyping: on('typing'), onReadElsewhere: on('read'), onRejected: on('rejected'), onWait: on('wait'), onReview: on('review'),
    };
  };
  return { hub, asked, answers, view, rooms };
}

const joined = (head, messages = []) => ({ ok: true, room: { slug: 'lobby', epoch: 'e', head, unread: 0 }, messages, hasOlder: false });
const said = (rev, author = '3') => ({ room: 'lobby', seq: rev, rev, id: `i${rev}`, author: { id: author, name: 'x' }, text: 't', sentAt: '2026-01-01T00:00:00Z' });
const settled = () => new Promise((done) => { setImmediate(done); });

test('a room is joined once however many look at it, and left with the last', async () => {
  const { hub, asked, answers, view } = stage();
  answers.push(joined(5));
  let left = 0;
  const talk = new Talk(hub, 'lobby', () => left++);
  const [one, two] = [view(), view()];
  assert.equal(talk.open(one), false);
  await settled();
  assert.equal(talk.open(two), true, 'the second has to fetch what was said');
  talk.feed.receive(said(6));
  for (const { heard } of [one, two]) assert.equal(heard.filter(([what]) => what === 'changes').length, 1);
  talk.close(one);
  assert.equal(left, 0);
  talk.close(two);
  assert.equal(left, 1);
  assert.deepEqual(asked, [['room:join', { room: 'lobby' }], ['room:leave', { room: 'lobby' }]]);
});

test('after an outage a room is joined from where it was, and what was missed is no live news', async () => {
  const { hub, asked, answers, view, rooms } = stage();
  answers.push(joined(5), joined(7, [said(6), said(7)]));
  const talk = new Talk(hub, 'lobby', () => {});
  const one = view();
  talk.open(one);
  await settled();
  talk.down();
  talk.up();
  await settled();
  assert.deepEqual(asked[1], ['room:join', { room: 'lobby', since: { epoch: 'e', rev: 5 } }]);
  assert.deepEqual(one.heard.filter(([what]) => what === 'changes').map(([, messages, replay]) => [messages.length, replay]), [[2, true]]);
  talk.feed.receive(said(8));
  talk.feed.receive(said(9, '2'));
  assert.equal(rooms.get('lobby').unread, 1, 'what others say is unread, and nothing else');
});

test('a refusal is the end of it until there is another connection', async () => {
  const { hub, answers, view } = stage();
  answers.push({ ok: false, error: { code: 'not_found', message: 'There is none.' } });
  const talk = new Talk(hub, 'lobby', () => {});
  const one = view();
  talk.open(one);
  await settled();
  assert.equal(talk.refused, 'not_found');
  assert.deepEqual(one.heard, [['refused', 'not_found']]);
  answers.push(joined(1));
  talk.up();
  await settled();
  assert.equal(talk.refused, '');
  assert.ok(one.heard.some(([what]) => what === 'room'));
});

test('the widget’s colours are the site’s, and those that its document tells', () => {
  const read = (name) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
  const pairs = (sheet) => new Map([...sheet.matchAll(/--([\w-]+): (?:var\(--roomline-[^(]*\(--theme-[\w-]+, )?(light-dark\((?:[^()]|\([^()]*\))*\))/gu)].map(([, name, value]) => [name, value]));
  const hues = (sheet) => sheet.match(/\.hue-\d \{[^}]*\}/gu);
  const [site, base, messages] = ['css/tokens.css', 'js/widget/base.css', 'js/widget/messages.css'].map((name) => read(`public/${name}`));
  const [tokens, own] = [pairs(site), pairs(base)];
  own.delete('raised'); // follows from the host's paper
  assert.deepEqual([...own.keys()], ['paper', 'ink', 'accent', 'accent-ink', 'warn', 'danger', 'danger-ink']);
  for (const [name, value] of own) assert.equal(value, tokens.get(name), name);
  const told = [...read('docs/widget.md').matchAll(/`--roomline-([\w-]+)`[^|]*\| `(oklch[^`]*)` · `(oklch[^`]*)`/gu)];
  assert.deepEqual(told.map(([, name, light, dark]) => [name, `light-dark(${light}, ${dark})`]), [...own].slice(0, 4));
  assert.equal(hues(messages).length, 8);
  assert.deepEqual(hues(messages), hues(site));
  for (const [, value] of site.matchAll(/--author[\w-]*: (.*);/gu)) assert.ok(messages.includes(`: ${value};`), value);
});
