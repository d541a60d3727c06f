// The server refuses to connect: the page says why, in the server's words, and comes back by itself.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { unlimited } from '../client/harness.mjs';
import { eventually, Stage } from './stage.mjs';

let stage;

before(async () => {
  const args = unlimited.filter((flag) => !flag.startsWith('--max-conns-per-user'));
  stage = await Stage.open({ args: [...args, '--max-conns-per-user=1', '--trusted-proxy=127.0.0.1'] });
});
afterEach(() => stage.clear());
after(() => stage.close());

const refused = [/status of (403|503)/, /WebSocket connection to .* failed/];
const says = (window, words) => eventually(async () => (await window.banner.innerText()).includes(words), `the banner says ${words}`);

test('one tab too many is told so, and connects once another is closed', async () => {
  const first = await stage.enter('una');
  const second = await stage.window(first.person, { forgive: refused });
  await second.page.goto('/rooms/lobby');
  await says(second, 'Too many connections');
  await first.page.close();
  await second.connected();
  await eventually(async () => (await second.banner.innerText()).trim() === '', 'the banner is gone');
});

test('a page whose proxy hides that it is served over another scheme is told so', async () => {
  const person = await stage.server.signUp('ute');
  const window = await stage.window(person, { forgive: refused });
  await window.page.route('**/socket.io/**', (route) => route.continue({ headers: { ...route.request().headers(), 'x-forwarded-proto': 'https' } }));
  await window.page.goto('/rooms/lobby');
  await says(window, 'Origin not allowed');
  await eventually(() => stage.server.output.includes('but the proxy does not say so'), 'the log says what to configure');
  assert.equal(stage.server.output.split('but the proxy does not say so').length - 1, 1);
});
