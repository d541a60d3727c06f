/** @import {Line} from './line.js' */
/** @import {GetPage} from './page.js' */
/** @import {Ask, Report} from './types.js' */
import { tellDecided } from './decided.js';
import { newsLine } from './page.js';
import { queueKeys } from './queuekeys.js';
import { already, counted, outcome } from './words.js';

/**
 * Keeps the queue as it is: what is new is told of in a line above it, what others decide changes in its place, and
 * deciding needs no other page.
 * @param {object} host
 * @param {HTMLElement} host.list
 * @param {Pick<Line, 'on' | 'socket'>} host.line
 * @param {Ask} host.ask
 * @param {(words: string) => void} host.say
 * @param {GetPage} host.getPage
 */
export function liveQueue({ list, line, ask, say, getPage }) {
  const asked = new URLSearchParams(location.search);
  /** The first page of what waits: what is new belongs here. */
  const takesNew = location.pathname === '/admin/reports' && !asked.has('state') && !asked.has('before');
  /** @type {Set<number>} ids of those that came while the page was open */
  const waiting = new Set();
  const keys = queueKeys(list);
  const news = newsLine(list, (n) => `${n} new`, load);

  /** @param {number} id @param {ParentNode} [page] */
  const find = (id, page = list) => /** @type {HTMLElement | null} */ (page.querySelector(`[data-report="${id}"]`));

  async function load() {
    const page = await getPage('/admin/reports');
    if (!page) return say('The new reports cannot be loaded now.');
    const fresh = [...page.querySelectorAll('[data-report]')].filter((item) => !find(Number(/** @type {HTMLElement} */ (item).dataset.report)));
    list.prepend(...fresh);
    document.querySelector('.mod__empty')?.remove();
    waiting.clear();
    news.show(0);
    keys.refresh();
    /** @type {HTMLElement | undefined} */ (fresh[0])?.focus();
  }

  /** @type {Map<number, boolean>} whether to look again, of those that are being fetched */
  const fetching = new Map();
  /** @type {Map<number, string>} what is said in an item that somebody else had decided */
  const notes = new Map();
  /** Draws an item as it is now. @param {number} id */
  async function refresh(id) {
    if (fetching.has(id)) return fetching.set(id, true);
    fetching.set(id, false);
    const page = await getPage(`/admin/reports/${id}`);
    const again = fetching.get(id);
    fetching.delete(id);
    const old = find(id);
    const fresh = page && find(id, page);
    if (old && fresh) replace(old, fresh, notes.get(id));
    notes.delete(id);
    if (again) await refresh(id);
  }

  /** @param {HTMLElement} old @param {HTMLElement} fresh @param {string} [note] */
  function replace(old, fresh, note) {
    // Who writes into it goes on writing, beside the new reasons.
    if (old.dataset.state === 'open' && fresh.dataset.state === 'open') {
      const why = fresh.querySelector('.report__why');
      if (why) old.querySelector('.report__why')?.replaceWith(why);
      return;
    }
    if (old.dataset.state === 'resolved' && !note) return; // for good
    const focused = old.contains(document.activeElement);
    if (note) {
      const words = document.createElement('p');
      words.className = 'report__hint';
      words.textContent = note;
      fresh.append(words);
    }
    old.replaceWith(fresh);
    keys.refresh();
    if (focused) fresh.focus({ preventScroll: true });
  }

  line.on('report', (/** @type {Report} */ report) => {
    if (find(report.id)) {
      refresh(report.id);
    } else if (takesNew) {
      if (report.state === 'open') waiting.add(report.id);
      else waiting.delete(report.id);
      news.show(waiting.size);
    }
  });
  tellDecided({ line, shown: find, say });
  // What came or went while there was no connection.
  let before = false;
  line.on('connect', async () => {
    if (!before) return void (before = true);
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll('[data-state="open"]'))) refresh(Number(item.dataset.report));
    const page = takesNew && await getPage('/admin/reports');
    if (!page) return;
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (page.querySelectorAll('[data-report]'))) {
      const id = Number(item.dataset.report);
      if (!find(id)) waiting.add(id);
    }
    news.show(waiting.size);
  });

  /** @param {HTMLFormElement} form @param {string} words */
  function refuse(form, words) {
    let alert = form.querySelector('.alert');
    if (!alert) {
      alert = document.createElement('p');
      alert.className = 'alert';
      alert.setAttribute('role', 'alert');
      form.prepend(alert);
    }
    alert.textContent = words;
  }

  /** @param {HTMLFormElement} form @param {HTMLElement} item @param {string} action */
  async function decide(form, item, action) {
    const data = new FormData(form);
    const note = String(data.get('note') ?? '').trim();
    const minutes = Number(data.get('minutes'));
    const id = Number(item.dataset.report);
    form.setAttribute('aria-busy', 'true');
    const answer = await ask('report:resolve', {
      report: id, action, ...(note && { note }), ...(minutes && action.endsWith('mute') && { minutes }),
    });
    form.removeAttribute('aria-busy');
    if (!answer.ok) return refuse(form, answer.error.message);
    if (answer.already) notes.set(id, already(answer.report));
    say(notes.get(id) ?? `Done: you ${outcome(answer.report)}.`);
    await refresh(id);
  }

  // Before the form itself hears of it: it is not sent.
  list.addEventListener('submit', (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    const item = /** @type {HTMLElement | null} */ (form.closest('[data-report]'));
    const { value: action } = /** @type {HTMLButtonElement} */ (event.submitter ?? {});
    if (!item || !action || !line.socket.connected) return; // it is sent as without script
    event.preventDefault();
    if (form.getAttribute('aria-busy') !== 'true') decide(form, item, action);
  }, { capture: true });

  if (takesNew) say(counted(list.querySelectorAll('[data-state="open"]').length, 'report'));
}
