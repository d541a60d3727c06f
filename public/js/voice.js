/** Held by every page that is looked at. */
const SEEN = 'roomline/seen';

/**
 * One voice for all pages of this browser: of those open, one speaks, and only while none is looked at. Where the
 * browser has no locks (a site without HTTPS), the pages agree over a channel.
 * @param {string} name of what is spoken for; pages of another name have a voice of their own
 * @param {object} [browser] for tests
 * @param {LockManager | null} [browser.locks]
 * @param {BroadcastChannel} [browser.channel]
 * @param {Document} [browser.page]
 * @returns {{speaks: () => Promise<boolean>}} whether this page is the one, now
 */
export function oneVoice(name, { locks = navigator.locks, channel, page = document } = {}) {
  return locks ? byLocks(name, locks, page) : byChannel(channel ?? new BroadcastChannel(name), page);
}

/** @param {string} name @param {LockManager} locks @param {Document} page */
function byLocks(name, locks, page) {
  let leads = false;
  // Held until the page goes; then the browser gives it to the next.
  locks.request(name, () => {
    leads = true;
    return new Promise(() => {});
  });
  let release = () => {};
  const look = () => {
    release();
    release = () => {};
    if (page.hidden) return;
    locks.request(SEEN, { mode: 'shared' }, () => new Promise((/** @type {(value?: unknown) => void} */ done) => {
      if (page.hidden) done();
      else release = done;
    }));
  };
  page.addEventListener('visibilitychange', look);
  look();
  return {
    speaks: async () => leads && !(await locks.query()).held?.some((lock) => lock.name === SEEN),
  };
}

/** @param {BroadcastChannel} channel @param {Document} page */
function byChannel(channel, page) {
  const me = Math.random();
  /** @type {Map<number, boolean>} the other pages, and whether they are looked at */
  const others = new Map();
  const tell = (asks = false) => channel.postMessage({ id: me, seen: !page.hidden, asks });
  channel.onmessage = ({ data }) => {
    if (data.gone) others.delete(data.id);
    else others.set(data.id, data.seen);
    if (data.asks) tell();
  };
  page.addEventListener('visibilitychange', () => tell());
  page.defaultView?.addEventListener('pagehide', () => channel.postMessage({ id: me, gone: true }));
  tell(true);
  return {
    speaks: async () => page.hidden && ![...others].some(([id, seen]) => seen || id < me),
  };
}
