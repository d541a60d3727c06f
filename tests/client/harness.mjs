// What every test outside of Go stands on: the real program on a database of its own, and people
// who sign up through the real forms.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Manager } from 'socket.io-client';
import { Client, deadline, messageID, within } from './client.mjs';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const binary = process.env.ROOMLINE_BINARY ?? path.join(repository, 'roomline');

/** The ways to carry a connection; each scenario runs over all of them. */
export const transports = {
  polling: ['polling'],
  websocket: ['websocket'],
  upgrade: ['polling', 'websocket'],
};

/** Flags that lift the limits a busy test would meet; 0 means none. */
export const unlimited = [
  '--send-burst=0', '--send-rate=0', '--max-conns-per-user=0', '--max-conns-per-addr=0', '--handshake-rate=0',
  '--pending-acks=0', '--signup-rate=0', '--event-rate=0', '--search-rate=0',
];

/**
 * Resolves when clients in the lobby have heard that a newcomer came. Nothing is due to them then, so
 * that over polling each has a request on its way that waits: what comes next reaches it.
 */
export async function settled(server, clients) {
  const newcomer = await server.signUp(`newcomer-${messageID().slice(0, 8)}`);
  await newcomer.join('lobby');
  for (const client of clients) {
    await client.hear('presence', ({ joined }) => joined?.some(({ name }) => name === newcomer.name));
  }
}

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A password nobody else has. */
export const password = 'correct-horse-battery-7';

/** One running server. It can be killed and started again on the same port and database. */
export class Server {
  #child;
  #folder;
  #people = [];
  #closers = [];

  /** Starts the program, or another that takes --addr and --db, and resolves when it listens. */
  static async start({ program = [binary, 'serve'], args = unlimited, env = {} } = {}) {
    const server = new Server();
    server.program = program;
    server.args = args;
    server.env = env;
    server.output = '';
    server.#folder = await mkdtemp(path.join(tmpdir(), 'roomline-'));
    server.db = path.join(server.#folder, 'test.db');
    server.address = '127.0.0.1:0';
    await server.restart();
    return server;
  }

  /** Runs the program beside the server, on its database unless args say otherwise. */
  async run(args, input = '') {
    const child = spawn(binary, args, { env: { ...process.env, ROOMLINE_DB: this.db, ...this.env } });
    running.add(child);
    let output = '';
    child.stdout.on('data', (chunk) => { output += chunk; });
    child.stderr.on('data', (chunk) => { output += chunk; });
    child.stdin.end(input);
    const code = await within(new Promise((resolve) => child.on('close', resolve)), `roomline ${args.join(' ')}`);
    running.delete(child);
    return { code, output };
  }

  /** Starts the program again where it was. */
  async restart() {
    const [program, ...first] = this.program;
    const child = spawn(program, [...first, `--addr=${this.address}`, `--db=${this.db}`, ...this.args], {
      env: { ...process.env, ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    running.add(child);
    this.exited = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        running.delete(child);
        resolve({ code, signal });
      });
    });
    const listening = new Promise((resolve) => {
      let lines = '';
      child.stdout.on('data', (chunk) => {
        lines += chunk;
        this.output += chunk;
        const line = /^listening on (http:\/\/\S+)$/m.exec(lines);
        if (line) resolve(line[1]);
      });
    });
    child.stderr.on('data', (chunk) => { this.output += chunk; });
    const early = this.exited.then(({ code }) => {
      throw new Error(`the server ended with ${code} before it listened:\n${this.output}`);
    });
    early.catch(() => {});
    this.url = await within(Promise.race([listening, early]), 'the line "listening on"');
    this.address = new URL(this.url).host;
  }

  /** Ends the program as a power cut would. */
  async kill() {
    this.#child.kill('SIGKILL');
    await within(this.exited, 'the end after SIGKILL');
  }

  /** Asks the program to stop and resolves with its exit code and the milliseconds it took. */
  async stop() {
    const started = performance.now();
    this.#child.kill('SIGTERM');
    const { code } = await within(this.exited, 'the end after SIGTERM');
    return { code, took: performance.now() - started };
  }

  /** Ends everything and removes the database. The log must be free of panics and races. */
  async close() {
    this.#people.forEach((person) => person.hangUp());
    this.#closers.forEach((close) => close());
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
    assert.doesNotMatch(this.output, /panic|DATA RACE|level=ERROR/, this.output);
  }

  /** Has something closed before the server is. */
  closing(close) {
    this.#closers.push(close);
  }

  /** Somebody without an account. */
  visitor(name = 'nobody') {
    const person = new Person(this, name);
    this.#people.push(person);
    return person;
  }

  /** A person with a new account, signed in. The first one on a server is its owner. */
  async signUp(name) {
    const person = this.visitor(name);
    const answer = await person.submit('/signup', { username: name, password });
    assert.equal(answer.status, 303, `sign up of ${name}: ${answer.status}\n${await answer.text()}`);
    return person;
  }
}

/** Somebody with a cookie jar, as a browser is one. */
export class Person {
  #cookies = new Map();
  #clients = [];

  constructor(server, name) {
    this.server = server;
    this.name = name;
  }

  get cookie() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /** The cookies as a browser's tool wants them. */
  get cookies() {
    return [...this.#cookies].map(([name, value]) => ({ name, value, url: this.server.url }));
  }

  /** One HTTP request; redirects are not followed. */
  async fetch(route, options = {}) {
    const answer = await fetch(new URL(route, this.server.url), {
      redirect: 'manual',
      signal: AbortSignal.timeout(deadline),
      ...options,
      headers: { cookie: this.cookie, ...options.headers },
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value === '' || /max-age=(0|-\d+)\b/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return answer;
  }

  /** The hidden token of the forms of a page. */
  async csrf(page) {
    const html = await (await this.fetch(page)).text();
    const input = /<input[^>]*name="_csrf"[^>]*>/.exec(html)?.[0];
    assert.ok(input, `${page} has no form with _csrf:\n${html}`);
    return /value="([^"]*)"/.exec(input)[1];
  }

  /** Posts a form as the page at route (or the page named) would. */
  async submit(route, fields = {}, page = route) {
    const body = new URLSearchParams({ _csrf: await this.csrf(page), ...fields });
    return this.fetch(route, { method: 'POST', body, headers: { origin: this.server.url } });
  }

  /** Signs in again, in another jar: another browser of the same person. */
  async elsewhere() {
    const other = this.server.visitor(this.name);
    const answer = await other.submit('/login', { username: this.name, password });
    assert.equal(answer.status, 303, `sign in of ${this.name}: ${answer.status}`);
    return other;
  }

  /** The official client's connection; sockets of several namespaces may share it. */
  line(options = {}) {
    const { url = this.server.url, ...rest } = options;
    return new Manager(url, {
      extraHeaders: this.cookie ? { cookie: this.cookie } : {},
      reconnection: false,
      ...rest,
    });
  }

  /** A client on one namespace. It dials at once; see Client.connected and Client.refused. */
  dial(namespace, options = {}) {
    const line = options instanceof Manager ? options : this.line(options);
    const client = new Client(line.socket(namespace));
    this.#clients.push(client);
    return client;
  }

  /** A client that is connected. */
  async connect(namespace, options = {}) {
    const client = this.dial(namespace, options);
    await client.connected();
    return client;
  }

  /** A connected client that has joined a room; its answer is in client.joined. */
  async join(room, options = {}) {
    const client = await this.connect(room === 'admin' ? '/admin' : '/general', options);
    client.joined = await client.ok('room:join', { room });
    return client;
  }

  /** Ends all of this person's clients. */
  hangUp() {
    this.#clients.forEach((client) => client.close());
  }
}
