// What the library-*.test.mjs stand on: the Socket.IO server under the chat, without the chat, as
// realtime/internal/conformance serves it, and the official clients that talk to it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import { io as io40 } from 'socket.io-client-4.0';
import msgpack from 'socket.io-msgpack-parser';
import { within } from './client.mjs';
import { transports } from './harness.mjs';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const binary = path.join(repository, 'tests/out/conformance');
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** The newest client alone, for what the others do not know. */
export const newest = { 'socket.io-client 4.8': { io } };

/** The newest client, the first one of version 4, and the newest with another parser. */
export const clients = {
  ...newest,
  'socket.io-client 4.0': { io: io40 },
  'socket.io-client 4.8 with msgpack': { io, parser: msgpack, flags: ['-codec', 'msgpack'] },
};

/** A running program. It can be killed and started again on the same port. */
export class Program {
  #child;
  #exited;
  #output = '';
  #closers = [];

  /** Starts it with flags, as profile "lab" unless they say otherwise, and resolves when it listens. */
  static async start(flags = []) {
    const program = new Program();
    program.flags = flags;
    program.address = '127.0.0.1:0';
    await program.restart();
    return program;
  }

  async restart() {
    const child = spawn(binary, ['-profile', 'lab', '-addr', this.address, ...this.flags]);
    running.add(child);
    this.#child = child;
    this.#exited = once(child, 'close').finally(() => running.delete(child));
    child.stderr.on('data', (chunk) => { this.#output += chunk; });
    const early = this.#exited.then(([code]) => assert.fail(`ended with ${code} before it listened:\n${this.#output}`));
    early.catch(() => {});
    const line = once(createInterface(child.stdout), 'line');
    [this.url] = await within(Promise.race([line, early]), 'the line "listening on"');
    this.url = this.url.replace('listening on ', '');
    this.address = new URL(this.url).host;
  }

  /** Ends it, if it still runs, as a power cut would. */
  async kill() {
    this.#child.kill('SIGKILL');
    await within(this.#exited, 'the end after SIGKILL');
  }

  /** Stops it in its tracks, connections and all. */
  freeze() {
    this.#child.kill('SIGSTOP');
  }

  /** Has something closed before the program is. */
  closing(close) {
    this.#closers.push(close);
  }

  /** Asks it to stop. It must end in peace and without a race. */
  async close() {
    this.#closers.forEach((close) => close());
    this.#child.kill('SIGTERM');
    const ended = await within(this.#exited, 'the end after SIGTERM');
    assert.doesNotMatch(this.#output, /panic|DATA RACE/, this.#output);
    assert.deepEqual(ended, [0, null], this.#output);
  }
}

/** Resolves with the arguments of the next event. */
export const next = (emitter, event) => within(once(emitter, event), event);

/** Resolves with the arguments of the next event that matches. */
export const hear = (socket, event, matches) => within(new Promise((resolve) => {
  const listen = (...args) => {
    if (!matches(...args)) return;
    socket.off(event, listen);
    resolve(args);
  };
  socket.on(event, listen);
}), event);

/** Resolves with the first arguments of so many events, in the order they came. */
export async function collect(emitter, event, count) {
  const heard = [];
  let listen;
  const all = new Promise((resolve) => {
    listen = (value) => { if (heard.push(value) === count) resolve(); };
    emitter.on(event, listen);
  });
  await within(all, `${count} of ${event}`).catch((late) => assert.fail(`${late.message}, but ${heard.length}`));
  emitter.off(event, listen);
  return heard;
}

/** Emits and resolves with the arguments of the acknowledgement. */
export const ask = (socket, event, ...args) =>
  within(new Promise((resolve) => { socket.emit(event, ...args, (...answer) => resolve(answer)); }), `the answer to ${event}`);

/** Emits and resolves with the first argument of the acknowledgement. */
export const tell = async (socket, event, ...args) => (await ask(socket, event, ...args))[0];

/** Resolves when what a socket sent before has been handled, and it has heard what that caused. */
export const settle = (socket) => ask(socket, 'echo');

/** One way for one client library to reach one server. Its sockets end with it. */
class Way {
  #sockets = [];

  constructor(program, name, library) {
    Object.assign(this, { program, name, library });
  }

  /** A socket on its own connection, as it is while it connects. */
  dial(namespace = '/', { url = this.program.url, ...options } = {}) {
    const { io, parser } = this.library;
    const socket = io(url + namespace, {
      transports: transports[this.name], forceNew: true, reconnectionDelay: 10, reconnectionDelayMax: 50,
      ...parser && { parser }, ...options,
    });
    this.#sockets.push(socket);
    return socket;
  }

  /** A socket of another namespace on the same connection, as it is while it connects. */
  beside(socket, namespace, options) {
    const other = socket.io.socket(namespace, options);
    this.#sockets.push(other);
    return other;
  }

  /** A socket that is connected, and that this way. */
  async connect(namespace, options) {
    const socket = this.dial(namespace, options);
    await within(new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    }), `CONNECT to ${socket.nsp}`);
    await this.arrived(socket);
    return socket;
  }

  /** Resolves when a connected socket is carried as this way says, on both sides. */
  async arrived(socket) {
    const wanted = this.name === 'polling' ? 'polling' : 'websocket';
    const { engine } = socket.io;
    if (engine.transport.name !== wanted) await next(engine, 'upgrade');
    assert.equal(engine.transport.name, wanted);
    if (socket.nsp !== '/any') assert.equal((await tell(socket, 'whoami')).transport, wanted);
  }

  hangUp() {
    this.#sockets.forEach((socket) => socket.disconnect());
  }
}

/** Defines tests for each client library and each way to connect, on one program for each library. */
export function everyWay(libraries, flags, define) {
  for (const [title, library] of Object.entries(libraries)) {
    describe(title, () => {
      let program;
      before(async () => { program = await Program.start([...flags, ...library.flags ?? []]); });
      after(() => program.close());
      for (const name of Object.keys(transports)) {
        describe(`over ${name}`, () => {
          const way = new Way(null, name, library);
          before(() => { way.program = program; });
          after(() => way.hangUp());
          define(way);
        });
      }
    });
  }
}
