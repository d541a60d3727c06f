// The site behind nginx and HAProxy: as docs/deploy has them, and in the ways in which they are set up wrongly.

import assert from 'node:assert/strict';
import https from 'node:https';
import { test } from 'node:test';
import { Server, transports, unlimited } from '../client/harness.mjs';
import { freePort, haproxy, nginx, shipped } from './proxies.mjs';

process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // the certificate is this machine's own
process.removeAllListeners('warning');

/** Starts the program for a port that a proxy will have, and closes both after the test. */
async function behind(t, port, flags, start) {
  const server = await Server.start({ args: [...unlimited, '--log-level=debug', ...flags] });
  let proxy;
  t.after(async () => {
    await proxy?.close();
    await server.close();
  });
  proxy = await start(server.address);
  return server;
}

const configurations = {
  nginx: (port, plainPort) => (backend) => nginx(port, (proxy) => {
    const { key, cert } = proxy.certificate();
    return shipped('nginx.conf', [
      ['listen 80;', `listen 127.0.0.1:${plainPort};`], ['listen 443 ', `listen 127.0.0.1:${port} `], ['127.0.0.1:3000;', `${backend};`],
      ['/etc/ssl/chat.example.org/fullchain.pem', cert], ['/etc/ssl/chat.example.org/privkey.pem', key], ['chat.example.org', 'localhost'],
    ]);
  }),
  haproxy: (port) => (backend) => haproxy(port, (proxy) => shipped('haproxy.cfg', [
    ['bind :443 ', `bind 127.0.0.1:${port} `], ['/etc/ssl/chat.example.org/haproxy.pem', proxy.certificate().both], ['127.0.0.1:3000 check', `${backend} check`],
  ])),
};

/** What a browser sends with each request of a page. */
const asBrowser = (person, url) => ({ rejectUnauthorized: false, extraHeaders: { cookie: person.cookie, origin: url } });

/** Stops a server, so that its log is complete, and counts the warnings in it that contain a text. */
async function warnings(server, text) {
  await server.stop();
  return server.output.split('\n').filter((line) => line.includes('level=WARN') && line.includes(text)).length;
}

for (const [name, configure] of Object.entries(configurations)) {
  test(`${name} as documented carries every transport`, async (t) => {
    const port = await freePort();
    const url = `https://localhost:${port}`;
    const server = await behind(t, port, [`--url=${url}`, '--trusted-proxy=127.0.0.1'], configure(port, await freePort()));
    server.url = url;
    const ann = await server.signUp('ann');
    assert.match(ann.cookie, /__Host-roomline_session=/);
    for (const [way, list] of Object.entries(transports)) {
      const client = await ann.join('lobby', { transports: list, ...asBrowser(ann, url) });
      if (way === 'upgrade') await client.upgraded();
      const sent = await client.ok('message:send', { room: 'lobby', id: crypto.randomUUID(), text: `over ${way}` });
      await client.hear('message', ({ seq }) => seq === sent.message.seq);
      assert.equal(client.engine.transport.name, way === 'polling' ? 'polling' : 'websocket');
    }
    assert.equal(await warnings(server, 'advice='), 0, server.output);
  });

  test(`${name} as documented passes the visitor's address on`, async (t) => {
    const port = await freePort();
    const server = await behind(t, port, [`--url=https://localhost:${port}`, '--trusted-proxy=127.0.0.1'], configure(port, await freePort()));
    await new Promise((resolve, reject) => {
      https.get({
        host: '127.0.0.1', port, path: '/login', localAddress: '127.0.0.9', rejectUnauthorized: false,
        headers: { host: `localhost:${port}`, 'x-forwarded-for': '203.0.113.7' },
      }, (answer) => answer.resume().on('end', resolve)).on('error', reject);
    });
    await server.stop();
    assert.match(server.output, /msg=request .*path=\/login status=200 .*address=127\.0\.0\.9\n/);
    assert.doesNotMatch(server.output, /203\.0\.113\.7/);
  });
}

/** Connects again and again, as a page does, and is refused each time. */
async function fails(person, options) {
  for (let i = 0; i < 3; i++) {
    const client = person.dial('/general', { ...options, timeout: 5000 });
    await client.refused();
    client.close();
  }
}

test('a plain proxy_pass is reported with the header to pass on', async (t) => {
  const port = await freePort();
  const server = await behind(t, port, [], (backend) => nginx(port, () => `server { listen 127.0.0.1:${port}; location / { proxy_pass http://${backend}; } }`));
  const ann = await server.signUp('ann');
  // The visitor's address bar has a name, and nginx puts that of the backend into Host.
  await fails(ann, { url: `http://127.0.0.1:${port}`, transports: ['websocket'], ...asBrowser(ann, 'http://chat.example.net') });
  assert.equal(await warnings(server, 'proxy_set_header Host $http_host'), 1, server.output);
});

test('a proxy that drops Upgrade is reported, and polling works through it', async (t) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await behind(t, port, [`--url=${url}`], (backend) => nginx(port, () => `server { listen 127.0.0.1:${port}; location / { proxy_pass http://${backend}; } }`));
  server.url = url;
  const ann = await server.signUp('ann');
  await fails(ann, { transports: ['websocket'], ...asBrowser(ann, url) });
  const client = await ann.join('lobby', { transports: ['polling'], ...asBrowser(ann, url) });
  const sent = await client.ok('message:send', { room: 'lobby', id: crypto.randomUUID(), text: 'over HTTP/1.0' });
  await client.hear('message', ({ seq }) => seq === sent.message.seq);
  assert.equal(await warnings(server, 'proxy_set_header Upgrade $http_upgrade'), 1, server.output);
});

test('TLS in front without X-Forwarded-Proto is reported with the address to set', async (t) => {
  const port = await freePort();
  const url = `https://localhost:${port}`;
  const server = await behind(t, port, ['--trusted-proxy=127.0.0.1'], (backend) => haproxy(port, (proxy) => shipped('haproxy.cfg', [
    ['bind :443 ', `bind 127.0.0.1:${port} `], ['/etc/ssl/chat.example.org/haproxy.pem', proxy.certificate().both], ['127.0.0.1:3000 check', `${backend} check`],
    ['http-request set-header X-Forwarded-Proto https', ''],
  ])));
  server.url = url;
  const ann = await server.signUp('ann');
  await fails(ann, { transports: ['websocket'], ...asBrowser(ann, url) });
  assert.equal(await warnings(server, `set --url ${url}`), 1, server.output);
});

test('a proxy that is not trusted is reported by its address', async (t) => {
  const port = await freePort();
  const url = `https://localhost:${port}`;
  const server = await behind(t, port, [`--url=${url}`], configurations.haproxy(port));
  server.url = url;
  await server.signUp('ann');
  await server.signUp('bob');
  assert.equal(await warnings(server, 'set --trusted-proxy 127.0.0.1'), 1, server.output);
});
