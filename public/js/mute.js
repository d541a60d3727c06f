/** @import {Sanction} from './types.js' */
/** @import {Clockwork} from './time.js' */

/** The words are looked at again after so long, as today may be another day by then, ms. */
const AGAIN = 3_600_000;

/**
 * What a sanction says to whom it is put on.
 * @param {Sanction} sanction
 * @param {Clockwork} time
 * @param {Date} now
 */
export function sanctionWords({ kind, until, reason }, time, now) {
  const what = kind === 'ban' ? 'You have been banned' : 'You are muted';
  let end = kind === 'ban' ? '' : ' until a moderator lifts it';
  if (until) {
    const at = new Date(until);
    const day = time.heading(at, now);
    end = ` until ${day === 'Today' ? '' : `${day}, `}${time.clock(at)}`;
  }
  return `${what}${end}.${reason ? ` Reason: \u2068${reason}\u2069` : ''}`;
}

/**
 * Keeps whether the reader is muted. A mute ends by itself, by the server's clock.
 */
export class Mute {
  /** @type {string | undefined} undefined before the first time */
  #words;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} host
   * @param {Clockwork} host.time
   * @param {(words: string) => void} host.onChange what to say to the reader, '' when it is over
   * @param {typeof sanctionWords} [host.words]
   */
  constructor(host) {
    this.host = host;
  }

  /** @param {Sanction | undefined} sanction none, or one that was lifted: the reader may write */
  set(sanction) {
    clearTimeout(this.#timer);
    const now = this.host.time.now();
    const end = sanction?.until ? Date.parse(sanction.until) : Infinity;
    let words = '';
    if (sanction && !sanction.lifted && end > now) {
      words = (this.host.words ?? sanctionWords)(sanction, this.host.time, new Date(now));
      this.#timer = setTimeout(() => this.set(sanction), Math.min(end - now, AGAIN));
    }
    if (words === this.#words) return;
    this.#words = words;
    this.host.onChange(words);
  }
}
