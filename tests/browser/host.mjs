// The site of somebody else that has the chat in its pages (tests/host), as a server of the browser tests.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { within } from '../client/client.mjs';

const binary = process.env.HOST_BINARY ?? path.join(path.dirname(fileURLToPath(import.meta.url)), '../out/host');

/** The running site; it can be killed and started again where it was. */
export class Host {
  #child;
  #folder;
  #ended;
  output = '';

  static async start() {
    const host = new Host();
    host.#folder = await mkdtemp(path.join(tmpdir(), 'roomline-host-'));
    host.address = '127.0.0.1:0';
    await host.restart();
    return host;
  }

  async restart() {
    const child = spawn(binary, [this.address, path.join(this.#folder, 'host.db')], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#ended = new Promise((done) => { child.on('close', done); });
    const listening = new Promise((done) => {
      child.stdout.on('data', (chunk) => {
        this.output += chunk;
        const line = /listening on (http:\/\/\S+)\n(?![\s\S]*listening on)/.exec(this.output);
        if (line) done(line[1]);
      });
    });
    child.stderr.on('data', (chunk) => { this.output += chunk; });
    const early = this.#ended.then((code) => { throw new Error(`the host ended with ${code}:\n${this.output}`); });
    early.catch(() => {});
    this.url = await within(Promise.race([listening, early]), 'the line "listening on"');
    this.address = new URL(this.url).host;
  }

  async kill() {
    this.#child.kill('SIGKILL');
    await within(this.#ended, 'the end after SIGKILL');
  }

  async close() {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
    assert.doesNotMatch(this.output, /panic|DATA RACE|level=ERROR/, this.output);
  }

  /** Has the host do something: see act in tests/host/main.go. */
  async act(what, options = {}) {
    const answer = await fetch(`${this.url}/act?${new URLSearchParams({ do: what, ...options })}`, { method: 'POST' });
    const text = await answer.text();
    assert.ok(answer.ok, text);
    return text && JSON.parse(text);
  }

  /** Somebody of the host's, signed in. */
  person(id) {
    return { id, cookies: [{ name: 'as', value: id, url: this.url }] };
  }
}

/** A page of the host with widgets in it, and what a person does in the first. */
export class Place {
  constructor(page, at = 0) {
    this.page = page;
    this.element = page.locator('roomline-chat').nth(at);
    this.composer = this.element.getByRole('textbox', { name: /^(Message to|Nachricht an)/ });
    this.log = this.element.getByRole('log');
    this.banner = this.element.locator('.banner');
    this.closed = this.element.locator('.composer__closed');
    this.rows = this.log.getByRole('article');
  }

  message(text) {
    return this.rows.filter({ has: this.page.getByText(text, { exact: true }) });
  }

  async say(text) {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  sees(text) {
    return this.message(text).and(this.page.locator('[data-message]')).waitFor();
  }

  async press(text, action) {
    await this.message(text).hover();
    await this.message(text).getByRole('button', { name: action, exact: true }).click();
  }

  /** Opens a page of the host as somebody, or as nobody. */
  static async open(stage, id, query, options = {}) {
    const window = await stage.window(id && stage.server.person(id), options);
    await window.page.goto(`/page?${query}`);
    const place = new Place(window.page);
    await place.element.locator('.line[data-state="live"]').waitFor({ state: 'attached' });
    return place;
  }
}
