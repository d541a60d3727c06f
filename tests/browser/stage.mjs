// The stage of the browser tests: a server, a browser, and people with windows of their own. Every
// window is watched: an error in the console or a breach of the content policy fails the test.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { deadline } from '../client/client.mjs';
import { password, Server } from '../client/harness.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

/** Where pictures go that nobody keeps. */
export const pictures = path.join(here, '../out');

/** What the console says when a server is away, whoever's fault it is. */
export const unreachable = /net::ERR_|WebSocket connection to .* failed/;

/** Looks again and again until check() is true, or fails at the deadline. */
export async function eventually(check, what, ms = deadline) {
  const end = performance.now() + ms;
  while (!(await check())) {
    assert.ok(performance.now() < end, `${what}: not within ${ms} ms`);
    await new Promise((resolve) => { setTimeout(resolve, 30); });
  }
}

function findChromium() {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  // The same browser without the parts that draw windows takes half of the time.
  const found = ['chromium-headless-shell', 'chromium']
    .flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) => existsSync(file));
  assert.ok(found, 'chromium is missing: tests/debian.sh chromium');
  return found;
}

/** A server and a browser. */
export class Stage {
  #windows = [];

  /**
   * server is one that runs already, instead of the site's own; with scrollbars they take up space,
   * as on most desktops.
   */
  static async open({ server, scrollbars = false, ...options } = {}) {
    const stage = new Stage();
    stage.server = server ?? await Server.start(options);
    stage.browser = await chromium.launch({
      executablePath: findChromium(),
      ignoreDefaultArgs: scrollbars ? ['--hide-scrollbars'] : [],
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync',
      ],
      env: { ...process.env, FONTCONFIG_FILE: path.join(here, 'fonts.conf') },
    });
    return stage;
  }

  /** Closes the windows of the test that ends, and fails if one of them had a problem. */
  async clear() {
    const windows = this.#windows.splice(0);
    await Promise.all(windows.map(({ context }) => context.close()));
    for (const { problems, forgiven } of windows) {
      assert.deepEqual(problems.filter((text) => !forgiven.some((pattern) => pattern.test(text))), []);
    }
  }

  async close() {
    await this.browser.close();
    await this.server.close();
  }

  /** A window of somebody's own browser, signed in if a person is given. */
  async window(person, { forgive = [], webSocket = true, ...options } = {}) {
    const context = await this.browser.newContext({ baseURL: this.server.url, reducedMotion: 'reduce', ...options });
    context.setDefaultTimeout(deadline);
    if (person) await context.addCookies(person.cookies);
    const problems = [];
    const page = await context.newPage();
    if (!webSocket) await page.routeWebSocket(/socket\.io/, (socket) => socket.close());
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(`${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', (error) => problems.push(String(error.stack ?? error)));
    await page.exposeBinding('reportBreach', (_, text) => problems.push(text));
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (breach) => {
        window.reportBreach(`content policy: ${breach.violatedDirective} ${breach.blockedURI}`);
      });
    });
    this.#windows.push({ context, problems, forgiven: forgive });
    return new Window(page);
  }

  /** A person with an account, a window of theirs, and a room open and connected in it. */
  async enter(name, options = {}) {
    const person = options.person ?? await this.server.signUp(name);
    const window = await this.window(person, options);
    await window.open(options.path ?? '/rooms/lobby');
    return Object.assign(window, { person });
  }
}

/** One page, with words for what people do in it. */
export class Window {
  constructor(page) {
    this.page = page;
    this.composer = page.getByRole('textbox', { name: /^Message to/ });
    this.log = page.getByRole('log', { name: 'Messages' });
    this.banner = page.locator('#banner');
    this.typing = page.locator('#typing');
    this.people = page.locator('#people-list .person__name');
  }

  /** Goes to a room and waits until the chat is connected. */
  async open(route) {
    await this.page.goto(route);
    await this.connected();
  }

  connected() {
    return this.page.locator('#line[data-state="live"]').waitFor({ state: 'attached' });
  }

  /** The row of the message with this text. */
  message(text) {
    return this.log.getByRole('article').filter({ has: this.page.getByText(text, { exact: true }) });
  }

  /** Types a message and sends it with Enter. */
  async say(text) {
    await this.composer.fill(text);
    await this.composer.press('Enter');
  }

  /** Resolves when the message is there, from the server. */
  async sees(text) {
    await this.message(text).and(this.page.locator('[data-message]')).waitFor();
  }

  /** The texts of all rows, pending ones included, from top to bottom. */
  async texts() {
    return this.log.locator('article:not(.is-deleted) .message__text').allInnerTexts();
  }

  /** Signs up through the form. */
  async signUp(name) {
    await this.page.goto('/signup');
    await this.page.getByLabel('Name').fill(name);
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.page.getByRole('button', { name: /create/i }).click();
    await this.page.waitForURL('**/rooms/lobby');
  }
}
