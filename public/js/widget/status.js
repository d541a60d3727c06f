/** @import {Pending, Status} from '../types.js' */
/** @import {State} from '../connection.js' */
/** @import {Translate} from './strings.js' */
import { reviewWords } from './talk.js';

/**
 * What to say about a message that is not in the room yet: as outbox.js decides it, in the reader's language.
 * @param {Translate} t
 * @returns {(entry: Pending, here: {now: number, state: string}) => Status}
 */
export function pendingStatus(t) {
  return (entry, { now, state }) => {
    if (entry.status) {
      const { key, reason } = reviewWords(entry.status.words);
      return { ...entry.status, words: t(key, { reason }) };
    }
    const age = now - (entry.since ?? entry.at);
    const left = Math.ceil(((entry.until ?? 0) - now) / 1000);
    if (state === 'ended') return { failed: true, words: t('failedEnded') };
    if (state === 'refused') return { failed: true, words: t('failedRefused') };
    if (entry.failed) return { failed: true, words: t('failedNoAnswer') };
    if (state === 'live' && left > 0) return { failed: false, words: t('waitingIn', { n: left }) };
    if (state === 'live' || age < 10_000) return { failed: false, words: age < 1000 ? '' : t('sending') };
    return { failed: true, words: t(state === 'offline' ? 'failedOffline' : 'failedAway') };
  };
}

/** An outage shorter than this is nobody's concern, ms. */
const PATIENCE = 2500;
/** Of these nothing comes back by itself: they are said at once. */
const FINAL = new Set(['ended', 'refused', 'closed']);

/**
 * Tells in words how the connection is, and what can be done.
 * @param {(words: string, act: 'retry' | 'signIn' | '', danger: boolean) => void} show '' when all is well
 * @param {Translate} t
 */
export function connectionWords(show, t) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let shown = false;
  /** @type {() => void} */
  let latest = () => {};
  return {
    /** @param {State} state @param {string} [words] instead of the usual */
    update(state, words) {
      if (state.name === 'live') {
        clearTimeout(timer);
        timer = undefined;
        shown = false;
        return show('', '', false);
      }
      const key = state.reason === 'client' ? 'noClient' : state.reason === 'signed_out' && !words ? 'ended' : state.name;
      latest = () => {
        shown = true;
        show(words ?? t(key), actOf(state), FINAL.has(state.name) || state.name === 'offline');
      };
      if (shown || FINAL.has(state.name)) return latest();
      timer ??= setTimeout(() => {
        timer = undefined;
        latest();
      }, PATIENCE);
    },
    stop: () => clearTimeout(timer),
  };
}

/** @param {State} state */
function actOf({ name }) {
  if (name === 'ended') return 'signIn';
  return name === 'refused' ? '' : 'retry';
}
