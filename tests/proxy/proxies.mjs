// nginx and HAProxy from Debian in front of the real program, with the configurations of docs/deploy.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { deadline, within } from '../client/client.mjs';

const deploy = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../docs/deploy');
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A port of this machine that was free a moment ago. */
export async function freePort() {
  const probe = net.createServer();
  await new Promise((resolve, reject) => probe.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => { probe.close(resolve); });
  return port;
}

/** The text of a file of docs/deploy with each of the pairs replaced; every one must be in it. */
export function shipped(file, pairs) {
  let text = readFileSync(path.join(deploy, file), 'utf8');
  for (const [from, to] of pairs) {
    assert.ok(text.includes(from), `${file} has no ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

/** A proxy that runs in a folder of its own. */
class Proxy {
  constructor() {
    this.folder = mkdtempSync(path.join(tmpdir(), 'roomline-proxy-'));
    this.output = '';
  }

  /** A certificate for localhost that this machine signed itself. */
  certificate() {
    const key = path.join(this.folder, 'privkey.pem');
    const cert = path.join(this.folder, 'fullchain.pem');
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
      '-subj', '/CN=localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const both = path.join(this.folder, 'haproxy.pem');
    writeFileSync(both, readFileSync(cert, 'utf8') + readFileSync(key, 'utf8'), { mode: 0o600 });
    return { key, cert, both };
  }

  write(name, text) {
    const file = path.join(this.folder, name);
    writeFileSync(file, text);
    return file;
  }

  async run(program, args, port) {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    running.add(child);
    this.exited = new Promise((resolve) => {
      child.on('error', resolve);
      child.on('close', () => { running.delete(child); resolve(); });
    });
    child.stdout.on('data', (chunk) => { this.output += chunk; });
    child.stderr.on('data', (chunk) => { this.output += chunk; });
    await within(Promise.race([
      accepts(port),
      this.exited.then((error) => { throw new Error(`${program} ended: ${error ?? ''}\n${this.output}`); }),
    ]), `${program} at port ${port}`);
    return this;
  }

  async close() {
    this.child.kill('SIGTERM');
    await within(this.exited, 'the end of the proxy');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Resolves when something accepts connections at a port. */
async function accepts(port) {
  for (const end = Date.now() + deadline; Date.now() < end;) {
    const open = await new Promise((resolve) => {
      const probe = net.connect(port, '127.0.0.1', () => { probe.destroy(); resolve(true); });
      probe.on('error', () => setTimeout(resolve, 20, false));
    });
    if (open) return;
  }
}

/** Starts nginx with these server blocks; site is a function of the proxy, so that it may have a certificate. */
export async function nginx(port, site) {
  const proxy = new Proxy();
  const own = proxy.write('site.conf', site(proxy));
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const main = proxy.write('nginx.conf', `daemon off; ${process.getuid() === 0 ? 'user root;' : ''} worker_processes 1;
pid ${proxy.folder}/nginx.pid; error_log stderr warn;
events { worker_connections 256; }
http { access_log off; ${kinds.map((kind) => `${kind}_temp_path ${proxy.folder}/${kind};`).join(' ')} include ${own}; }
`);
  return proxy.run('/usr/sbin/nginx', ['-p', proxy.folder, '-c', main, '-e', 'stderr'], port);
}

/** Starts HAProxy with a whole configuration; see nginx. */
export async function haproxy(port, config) {
  const proxy = new Proxy();
  return proxy.run('/usr/sbin/haproxy', ['-db', '-f', proxy.write('haproxy.cfg', config(proxy))], port);
}
