// Rooms and broadcasts of the Socket.IO server without the chat.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { ask, clients, everyWay, hear, next, settle, tell } from './library.mjs';

everyWay(clients, [], (way) => {
  let ann, ben, cyd, heard;

  beforeEach(async () => {
    [ann, ben, cyd] = await Promise.all([way.connect(), way.connect(), way.connect()]);
    heard = { ann: [], ben: [], cyd: [] };
    for (const [name, socket] of Object.entries({ ann, ben, cyd })) {
      socket.on('news', (...args) => heard[name].push(args));
    }
    assert.deepEqual(await tell(ann, 'move', { join: ['red'] }), ['red']);
    assert.deepEqual(await tell(ben, 'move', { join: ['red', 'blue'] }), ['blue', 'red']);
    assert.deepEqual(await tell(cyd, 'move', { join: ['blue', 'green'] }), ['blue', 'green']);
  });
  afterEach(() => way.hangUp());

  /** Has ann speak, and resolves when everybody has heard what was for them. */
  async function say(target, ...args) {
    assert.equal(await tell(ann, 'say', target, ...args), '');
    await Promise.all([ann, ben, cyd].filter(({ connected }) => connected).map(settle));
    return Object.entries(heard).flatMap(([name, all]) => all.map((args) => [name, ...args]));
  }

  describe('a broadcast reaches', () => {
    for (const [what, target, receivers] of [
      ['all others', {}, ['ben', 'cyd']],
      ['all', { self: true }, ['ann', 'ben', 'cyd']],
      ['a room without the one who speaks', { to: ['red'] }, ['ben']],
      ['a room with all', { to: ['red'], self: true }, ['ann', 'ben']],
      ['several rooms, each socket once', { to: ['red', 'blue', 'green'], self: true }, ['ann', 'ben', 'cyd']],
      ['all but a room', { except: ['green'], self: true }, ['ann', 'ben']],
      ['a room but those who are in another too', { to: ['blue'], except: ['red'] }, ['cyd']],
      ['nobody where except names the same', { to: ['blue'], except: ['blue'] }, []],
      ['nobody in an empty room', { to: ['nowhere'] }, []],
    ]) {
      test(what, async () => {
        assert.deepEqual(await say(target, 'news', 1, Buffer.from('x')), receivers.map((name) => [name, 1, Buffer.from('x')]));
      });
    }

    test('one socket by its id, which is a room', async () => {
      assert.deepEqual(await say({ to: [cyd.id] }, 'news'), [['cyd']]);
      assert.deepEqual(await say({ except: [cyd.id] }, 'news'), [['ben'], ['cyd']]);
    });

    test('nobody in another namespace', async () => {
      const elsewhere = way.beside(ben, '/custom');
      await next(elsewhere, 'connect');
      elsewhere.on('news', () => assert.fail('heard in /custom'));
      await tell(elsewhere, 'move', { join: ['red'] });
      await say({ to: ['red'] }, 'news');
      await settle(elsewhere);
    });
  });

  test('order is kept from one speaker to all, text and binary', async () => {
    for (let n = 0; n < 100; n++) ann.emit('say', { self: true }, 'news', n % 3 ? n : Buffer.from(`${n}`));
    await say({ to: ['nowhere'] }, 'news');
    const all = Array.from({ length: 100 }, (_, n) => [n % 3 ? n : Buffer.from(`${n}`)]);
    assert.deepEqual(heard, { ann: all, ben: all, cyd: all });
  });

  test('who leaves a room hears nothing of it, and who is moved into it does', async () => {
    await tell(ben, 'move', { leave: ['red'] });
    assert.equal(await tell(ann, 'herd', { to: ['green'] }, 'red'), '');
    assert.deepEqual((await tell(cyd, 'whoami')).rooms, ['blue', 'green', 'red']);
    assert.deepEqual(await say({ to: ['red'] }, 'news'), [['cyd']]);
  });

  test('a room forgets who disconnected, also when the same client comes again', async () => {
    ben.disconnect().connect();
    await next(ben, 'connect');
    assert.deepEqual((await tell(ben, 'whoami')).rooms, []);
    assert.deepEqual(await say({ to: ['red', 'blue'] }, 'news'), [['cyd']]);
  });

  test('others can be disconnected', async () => {
    const gone = next(ben, 'disconnect');
    assert.equal(await tell(ann, 'banish', { to: ['red'] }), '');
    assert.equal((await gone)[0], 'io server disconnect');
    assert.deepEqual(await say({}, 'news'), [['cyd']]);
  });

  test('the answers to a question to many are gathered, binary too', async () => {
    for (const [name, socket] of Object.entries({ ann, ben, cyd })) {
      socket.once('question', (what, answer) => answer(name, Buffer.from(what)));
    }
    const [error, answers] = await ask(ann, 'survey', { self: true }, 10_000, 'why');
    assert.equal(error, '');
    assert.deepEqual(answers.sort(), ['ann', 'ben', 'cyd'].map((name) => [name, Buffer.from('why')]));
  });

  test('a question to nobody has no answers at once', async () => {
    assert.deepEqual(await ask(ann, 'survey', { to: ['nowhere'] }, 60_000), ['', []]);
  });

  test('of many, those who do not answer in time are missed, and the answers of the others are there', async () => {
    ben.once('question', (answer) => answer('here'));
    const asked = next(cyd, 'question');
    assert.deepEqual(await ask(ann, 'survey', {}, 300), ['timeout', [['here']]]);
    const [late] = await asked;
    late('too late');
    assert.deepEqual(await ask(cyd, 'echo', 1), [1]);
  });

  test('of many, one that leaves is not waited for', async () => {
    ben.once('question', (answer) => answer('here'));
    cyd.once('question', () => cyd.io.engine.close());
    assert.deepEqual(await ask(ann, 'survey', {}, 60_000), ['', [['here']]]);
  });

  test('a volatile broadcast reaches who waits for it', async () => {
    const came = hear(ben, 'news', (what) => what === 'volatile');
    let waiting = true;
    for (let tries = 0; waiting; tries++) {
      assert.ok(tries < 100, 'none of 100 arrived');
      await tell(ann, 'say', { volatile: true }, 'news', 'volatile');
      waiting = await Promise.race([came.then(() => false), settle(ben).then(() => true)]);
    }
  });
});
