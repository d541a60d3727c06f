/** @import {Pending, Status} from '../types.js' */
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
