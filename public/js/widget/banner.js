/** @import {State} from '../connection.js' */
/** @import {RoomPane} from './room.js' */
/** @import {Translate} from './strings.js' */
import { make } from './markup.js';

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

/**
 * Words for a connection that the server refuses; undefined if it does not say why.
 * @param {State} state @param {Translate} t
 */
export function refusalWords({ name, words }, t) {
  return words && (name === 'connecting' || name === 'reconnecting') ? t('notConnected', { words }) : undefined;
}

/** @param {State} state */
function actOf({ name }) {
  if (name === 'ended') return 'signIn';
  return name === 'refused' ? '' : 'retry';
}

/**
 * Stands above a conversation while something is wrong with the connection, or with who reads.
 */
export class Banner {
  #words;

  /** @param {RoomPane} pane */
  constructor(pane) {
    this.pane = pane;
    this.#words = connectionWords((words, act, danger) => this.#show(words, act, danger), pane.t);
    this.stop = this.#words.stop;
  }

  /** @param {State} state of the connection */
  state(state) {
    const { t, host: { hub } } = this.pane;
    if (state.name === 'ended' && hub.guest) this.#words.update(state, t('signInToRead'));
    else if (state.name === 'refused' && state.reason === 'banned') this.#words.update(state, this.#banned(state.words));
    else this.#words.update(state, refusalWords(state, t));
  }

  /** @param {string} reason why the reader may not be in the room */
  refused(reason) {
    const { t, host: { hub } } = this.pane;
    if (hub.guest) return this.#words.update({ name: 'ended', reason }, t('signInToRead'));
    const key = { not_found: 'notFound', removed: 'removed', banned: 'banned' }[reason] ?? 'refused';
    this.#words.update({ name: 'refused', reason }, key === 'banned' ? this.#banned() : t(key));
  }

  /** @param {string} [words] of the server's, in English */
  #banned(words) {
    const { t, writing, host: { hub: { ban }, language } } = this.pane;
    if (ban) return writing.sanctionWords(ban);
    return words && /^en\b/iu.test(language) ? words : t('banned');
  }

  /** @param {string} words @param {'retry' | 'signIn' | ''} act @param {boolean} danger */
  #show(words, act, danger) {
    const { t, dom: { banner }, host: { hub, signIn } } = this.pane;
    if (!words) return banner.replaceChildren();
    const box = make('div', 'banner__box');
    const link = act === 'signIn' && signIn;
    if (danger && !hub.guest) box.dataset.tone = 'danger';
    if (!link || !hub.guest) box.append(make('span', '', words));
    if (link) box.append(make('a', { href: signIn, className: 'text-button' }, hub.guest ? words : t('signIn')));
    else if (act) {
      const button = make('button', { type: 'button', className: 'text-button' }, t('retryNow'));
      button.addEventListener('click', () => hub.again());
      box.append(button);
    }
    banner.replaceChildren(box);
  }
}
