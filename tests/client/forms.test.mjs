// The site's forms and pages from outside: wrong input is answered with a clear page, never with a
// fault, and nothing comes of a form that this site did not render for this visitor.

import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { messageID } from './client.mjs';
import { password, Server } from './harness.mjs';

let server, olga, mira;

before(async () => {
  server = await Server.start();
  olga = await server.signUp('olga');
  mira = await server.signUp('mira');
});
after(() => server.close());

/** Fails unless an answer is a page that says something, with the status. */
async function assertPage(answer, status, what) {
  const html = await answer.text();
  assert.equal(answer.status, status, `${what}: ${html.slice(0, 2000)}`);
  assert.match(html, /<html/i, what);
  assert.doesNotMatch(html, /goroutine|panic|SQL|\.go:\d+/, what);
}

const post = (person, route, body, headers = {}) =>
  person.fetch(route, { method: 'POST', body: new URLSearchParams(body), headers: { origin: server.url, ...headers } });

const texts = async () => {
  const client = await olga.join('lobby');
  client.close();
  return client.joined.messages.map(({ text }) => text);
};

test('signing up refuses bad names and passwords and keeps the name in the form', async () => {
  for (const [username, secret] of [
    ['', password], ['x'.repeat(500), password], ['mira', password], ['MIRA', password], ['mi\u200Bra', password],
    ['\u202Eevil', password], ['two\nlines', password], ['short', 'seven77'], ['long', 'x'.repeat(129)], ['common', 'password'],
    ['common', '12345678'], ['nothing', ''],
  ]) {
    const answer = await server.visitor().submit('/signup', { username, password: secret });
    assert.ok([400, 403, 409, 422].includes(answer.status), `${JSON.stringify(username)} ${secret.length}: ${answer.status}`);
    await assertPage(answer, answer.status, username);
  }
});

test('signing in tells nobody whether the name or the password was wrong', async () => {
  const wrong = await server.visitor().submit('/login', { username: 'mira', password: 'not-her-password' });
  const missing = await server.visitor().submit('/login', { username: 'nobody', password: 'not-her-password' });
  const [one, two] = await Promise.all([wrong.text(), missing.text()]);
  assert.equal(wrong.status, missing.status);
  const plain = (html) => html.replace(/value="[^"]*"|nonce="[^"]*"/g, '');
  assert.equal(plain(one), plain(two));
});

test('a form without its token, or with somebody else’s, does nothing', async () => {
  const foreign = await olga.csrf('/account');
  for (const body of [{}, { _csrf: '' }, { _csrf: 'made-up' }, { _csrf: foreign }]) {
    for (const [route, fields] of [
      ['/rooms/lobby/messages', { text: 'forged', id: messageID() }], ['/logout', {}], ['/logout/everywhere', {}],
      ['/account/password', { old: password, new: 'forged-password-1' }],
    ]) await assertPage(await post(mira, route, { ...fields, ...body }), 403, `${route} ${JSON.stringify(body)}`);
  }
  assert.equal((await mira.fetch('/account')).status, 200, 'still signed in');
  assert.equal((await texts()).includes('forged'), false);
});

test('a form sent from another site does nothing, its token or not', async () => {
  const _csrf = await mira.csrf('/rooms/lobby');
  for (const headers of [
    { origin: 'https://evil.example' }, { origin: 'null' }, { origin: `${server.url}.evil.example` },
    { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:1' },
  ]) {
    const answer = await post(mira, '/rooms/lobby/messages', { _csrf, text: 'forged', id: messageID() }, headers);
    await assertPage(answer, 403, JSON.stringify(headers));
  }
  assert.equal((await texts()).includes('forged'), false);
});

test('posting by form answers wrong input with a page', async () => {
  const _csrf = await mira.csrf('/rooms/lobby');
  for (const [body, statuses] of [
    [{ text: '', id: messageID() }, [400, 422]], [{ text: 'x'.repeat(4001), id: messageID() }, [400, 413, 422]],
    [{ text: 'x', id: 'no' }, [400, 422]], [{ text: 'x' }, [400, 422]], [{ id: messageID() }, [400, 422]],
    [{ text: 'x', id: messageID(), replyTo: 'soon' }, [400, 404, 422]],
  ]) {
    const answer = await post(mira, '/rooms/lobby/messages', { _csrf, ...body });
    assert.ok(statuses.includes(answer.status), `${JSON.stringify(body).slice(0, 80)}: ${answer.status}`);
    await assertPage(answer, answer.status, JSON.stringify(body).slice(0, 80));
  }
  await assertPage(await post(mira, '/rooms/nowhere/messages', { _csrf, text: 'x', id: messageID() }), 404, 'no such room');
  await assertPage(await post(mira, '/admin/messages', { _csrf, text: 'x', id: messageID() }), 404, 'not a moderator');
  const huge = await post(mira, '/rooms/lobby/messages', { _csrf, text: 'x'.repeat(5_000_000), id: messageID() });
  assert.equal(huge.status, 413);
});

test('the same form sent twice is one message', async () => {
  const body = { _csrf: await mira.csrf('/rooms/lobby'), text: 'pressed twice', id: messageID() };
  for (let n = 0; n < 2; n++) assert.equal((await post(mira, '/rooms/lobby/messages', body)).status, 303);
  assert.equal((await texts()).filter((text) => text === 'pressed twice').length, 1);
});

test('addresses that are none answer 404, and nothing outside of the site is served', async () => {
  for (const route of [
    '/nowhere', '/rooms/nowhere', '/rooms/lobby/0', '/rooms/lobby/x', '/rooms/lobby/999999999', '/rooms/lobby/1e3',
    '/rooms/lobby/99999999999999999999', '/rooms/%00', '/rooms/..%2f..%2fetc', '/admin', '/admin/1', '/roomline.db', '/test.db', '/.git/config',
    '/public/', '/public/../main.go', '/public/..%2fmain.go', '/public/vendor/', '/views/room.html',
  ]) {
    const answer = await mira.fetch(route);
    assert.equal(answer.status, 404, `${route}: ${answer.status}`);
  }
  for (const query of ['before=x', 'before=-1', 'after=1e9', 'before=1&after=1']) {
    const answer = await mira.fetch(`/rooms/lobby?${query}`);
    assert.ok([200, 400, 404].includes(answer.status), `${query}: ${answer.status}`);
  }
});

test('a visitor without a session is sent to sign in, and the pages of others are no-store', async () => {
  for (const route of ['/rooms/lobby', '/account']) {
    const answer = await server.visitor().fetch(route);
    assert.equal(answer.status, 303, route);
    assert.match(answer.headers.get('location'), /^\/login/, route);
    const page = await mira.fetch(route);
    assert.equal(page.status, 200, route);
    assert.match(page.headers.get('cache-control'), /no-store/, route);
    assert.doesNotMatch(page.headers.get('content-security-policy'), /unsafe-/, route);
  }
});

test('the session cookie is a new one at sign-in and closed to scripts', async () => {
  const visitor = server.visitor('mira');
  const answer = await visitor.submit('/login', { username: 'mira', password });
  const line = answer.headers.getSetCookie().find((cookie) => cookie.startsWith('roomline_session='));
  assert.match(line, /HttpOnly/i);
  assert.match(line, /SameSite=Lax/i);
  assert.match(line, /Path=\//i);
});

test('health and readiness are answered, and the database is nobody else’s to read', async () => {
  for (const route of ['/healthz', '/readyz']) assert.equal((await server.visitor().fetch(route)).status, 200, route);
  assert.equal((await server.visitor().fetch('/metrics')).status, 404, 'metrics have a listener of their own');
  for (const file of [server.db, `${server.db}-wal`]) assert.equal((await stat(file)).mode & 0o777, 0o600, file);
});

test('accounts and roles can be managed beside a running server', async () => {
  const made = await server.run(['user', 'create', 'dora'], `${password}\n`);
  assert.equal(made.code, 0, made.output);
  assert.equal((await server.run(['user', 'role', 'dora', 'moderator'])).code, 0);
  assert.notEqual((await server.run(['user', 'role', 'dora', 'emperor'])).code, 0);
  assert.notEqual((await server.run(['user', 'create', 'dora'], `${password}\n`)).code, 0);
  const dora = server.visitor('dora');
  assert.equal((await dora.submit('/login', { username: 'dora', password })).status, 303);
  const admin = await dora.connect('/admin');
  await admin.hear('hello');
  assert.equal((await server.run(['user', 'role', 'dora', 'member'])).code, 0);
  await admin.hear('disconnect');
  const error = await dora.dial('/admin').refused();
  assert.equal(error.data.code, 'forbidden');
  assert.match((await server.run(['version'])).output, /^roomline \S+/);
});
