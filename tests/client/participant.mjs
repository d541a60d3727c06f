// A client that keeps its part of the promises: it remembers its position, joins with it after
// every CONNECT, and sends what was not acknowledged again with the same ids.

import assert from 'node:assert/strict';
import { messageID, within } from './client.mjs';

export class Participant {
  #outbox = new Map();
  #checks = new Set();

  /** Makes a participant of a room on a Client that reconnects by itself. */
  constructor(client, room = 'lobby') {
    this.client = client;
    this.room = room;
    this.position = undefined;
    this.changes = []; // as they arrived, none filtered out
    this.resets = [];
    this.acknowledged = new Map(); // id → the message in its ack
    this.joins = 0;
    this.ready = false;
    client.socket.on('connect', () => this.#join());
    client.socket.on('disconnect', () => {
      this.ready = false;
      this.#look();
    });
    client.socket.on('message', (message) => {
      if (message.room === this.room) this.#take([message]);
    });
    if (client.socket.connected) this.#join();
  }

  #join() {
    const since = this.position;
    this.client.socket.emit('room:join', { room: this.room, since }, (answer) => {
      assert.equal(answer.ok, true, JSON.stringify(answer));
      this.joins += 1;
      if (answer.reset) this.resets.push(answer.reset.reason);
      const page = !since || answer.reset; // in order of seq; changes come in order of rev
      this.#take(page ? answer.messages.toSorted((a, b) => a.rev - b.rev) : answer.messages);
      this.position = { epoch: answer.room.epoch, rev: answer.room.head };
      this.ready = true;
      for (const [id, text] of this.#outbox) this.#emit(id, text);
      this.#look();
    });
  }

  #take(messages) {
    this.changes.push(...messages);
    const last = messages.at(-1);
    if (last && this.position && last.rev > this.position.rev) this.position.rev = last.rev;
    this.#look();
  }

  #emit(id, text) {
    this.client.socket.emit('message:send', { room: this.room, id, text }, (answer) => {
      if (!answer.ok && answer.error.code === 'unavailable') return; // again after the next join
      assert.equal(answer.ok, true, JSON.stringify(answer));
      this.#outbox.delete(id);
      this.acknowledged.set(id, answer.message);
      this.#look();
    });
  }

  #look() {
    this.#checks.forEach((check) => check());
  }

  /** Puts a message into the outbox and sends it when it can be sent. Returns its id. */
  send(text) {
    const id = messageID();
    this.#outbox.set(id, text);
    if (this.ready) this.#emit(id, text);
    return id;
  }

  /** What has not been acknowledged yet. */
  get pending() {
    return this.#outbox.size;
  }

  /** Resolves when check(this) holds; it is looked at whenever something arrives. */
  until(check, what, ms) {
    let look;
    const met = new Promise((resolve) => {
      look = () => { if (check(this)) resolve(); };
      this.#checks.add(look);
      look();
    });
    return within(met, what, ms).finally(() => this.#checks.delete(look));
  }

  /** Fails unless every change came once and in ascending order. */
  assertAscending() {
    this.changes.reduce((before, { rev }) => {
      assert.ok(rev > before, `rev ${rev} came after ${before}`);
      return rev;
    }, 0);
  }
}
