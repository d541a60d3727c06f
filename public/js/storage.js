/**
 * @typedef {object} Store
 * @property {(key: string) => string | null} get
 * @property {(key: string, value: string) => void} set
 * @property {(key: string) => void} remove
 * @property {(prefix: string) => string[]} keys
 */

/**
 * Storage that never throws: what the browser refuses to keep (private mode, full disk,
 * a policy) is kept in memory for as long as the page lives.
 * @param {() => Storage} [area]
 * @returns {Store}
 */
export function openStore(area = () => localStorage) {
  /** @type {Map<string, string>} */
  const memory = new Map();
  /** @template T @param {(s: Storage) => T} use @param {T} otherwise */
  const attempt = (use, otherwise) => {
    try {
      return use(area());
    } catch {
      return otherwise;
    }
  };
  return {
    get: (key) => memory.get(key) ?? attempt((s) => s.getItem(key), null),
    set: (key, value) => {
      if (attempt((s) => (s.setItem(key, value), true), false)) memory.delete(key);
      else memory.set(key, value);
    },
    remove: (key) => {
      memory.delete(key);
      attempt((s) => s.removeItem(key), undefined);
    },
    keys: (prefix) => {
      const stored = attempt((s) => Object.keys(s), /** @type {string[]} */ ([]));
      return [...new Set([...stored, ...memory.keys()])].filter((key) => key.startsWith(prefix));
    },
  };
}

/**
 * The names things are stored under. All of a user's begin with userPrefix.
 * @param {string} user
 */
export const userPrefix = (user) => `roomline/${encodeURIComponent(user)}/`;
/** @param {string} user @param {string} room */
export const draftKey = (user, room) => `${userPrefix(user)}draft/${room}`;
/** @param {string} user @param {string} room */
export const replyKey = (user, room) => `${userPrefix(user)}reply/${room}`;
/** @param {string} user */
export const emojiKey = (user) => `${userPrefix(user)}emoji`;
/** @param {string} user @param {string} room */
export const outboxPrefix = (user, room) => `${userPrefix(user)}outbox/${room}/`;
/** @param {string} user @param {string} room */
export const heldPrefix = (user, room) => `${userPrefix(user)}held/${room}/`;

/** What this browser was told of notifications, whoever is signed in: 'on' or 'off'; showKey's absence: never asked. */
export const showKey = 'roomline/notify';
export const soundKey = 'roomline/sound';
