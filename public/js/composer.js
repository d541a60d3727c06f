/** @import {Store} from './storage.js' */
import { refuseFiles } from './files.js';
import { length } from './text.js';

/** The counter shows from this many characters before the limit. */
const NEAR_LIMIT = 300;

/** A note that asks for nothing goes away after this long, ms. */
const NOTE_FOR = 4000;

const WORDS = {
  /** @param {number} wait seconds, 0 for none */
  send: (wait) => (wait ? `Send, in ${seconds(wait)}` : 'Send'),
  /** @param {number} wait seconds */
  notYet: (wait) => `Not yet. You can send again in ${seconds(wait)}.`,
  /** @param {number} over characters */
  tooMany: (over) => `${over} too many`,
  /** @param {number} rest characters */
  left: (rest) => `${rest} left`,
  noFiles: 'Files can’t be sent yet.',
};

/**
 * The box one writes in. The draft is stored as it is typed; a text that is sent moves to the outbox,
 * which stores it until it is acknowledged, so it is never only in memory.
 */
export class Composer {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #noteTimer;
  #wait = 0;

  /**
   * @param {object} host
   * @param {HTMLFormElement} host.form
   * @param {Store} host.store
   * @param {string} host.draftKey
   * @param {number} host.limit characters, 0 for none
   * @param {(text: string) => void} host.onSend
   * @param {(writing: boolean) => void} host.onWriting
   * @param {() => void} host.onEditLast Up in an empty box
   * @param {() => void} host.onEscape
   * @param {(event: KeyboardEvent) => boolean} [host.onKey] whether somebody else has dealt with it
   * @param {typeof WORDS} [host.words]
   */
  constructor(host) {
    this.host = host;
    const { form } = host;
    this.words = host.words ?? WORDS;
    this.text = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem('text'));
    this.box = /** @type {HTMLElement} */ (form.querySelector('.composer__box'));
    this.note = /** @type {HTMLElement} */ (form.querySelector('.composer__note'));
    this.count = /** @type {HTMLElement} */ (form.querySelector('.composer__count'));
    this.send = /** @type {HTMLButtonElement} */ (form.querySelector('.composer__send'));

    this.text.enterKeyHint = touchKeyboard() ? 'enter' : 'send';
    // The script says itself what is missing; an empty box is simply not sent.
    form.noValidate = true;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.submit();
    });
    this.text.addEventListener('input', () => this.#edited());
    this.text.addEventListener('keydown', (event) => this.#key(event));
    this.text.addEventListener('blur', () => host.onWriting(false));
    refuseFiles(/** @type {Document | ShadowRoot} */ (form.getRootNode()), () => this.say(this.words.noFiles, 'danger'));
    if (!this.text.value) this.text.value = host.store.get(host.draftKey) ?? '';
    this.#show();
  }

  submit() {
    const text = this.text.value.trim();
    if (!text || this.#over() > 0) return;
    if (this.#wait > 0) return this.say(this.words.notYet(this.#wait));
    this.host.onWriting(false);
    this.host.onSend(text);
    this.text.value = '';
    this.say('');
    this.#save();
    this.#show();
    this.focus();
  }

  /**
   * Gives a refused text back to its author.
   * @param {string} text
   * @param {string} reason
   */
  giveBack(text, reason) {
    this.text.value = [this.text.value.trimEnd(), text].filter(Boolean).join('\n\n');
    this.#save();
    this.#show();
    this.say(reason, 'danger');
  }

  /**
   * Takes over what was written elsewhere on the page.
   * @param {string} text '' for nothing
   * @param {string} words
   * @param {boolean} focus
   */
  receive(text, words, focus) {
    if (text) this.giveBack(text, words);
    else this.say(words, 'danger');
    if (focus) this.focus();
  }

  /**
   * @param {string} words '' to clear
   * @param {'plain' | 'danger'} [tone]
   */
  say(words, tone = 'plain') {
    clearTimeout(this.#noteTimer);
    this.note.textContent = words;
    this.note.dataset.tone = tone;
    if (words && tone === 'plain') this.#noteTimer = setTimeout(() => this.say(''), NOTE_FOR);
  }

  /** @param {boolean} closed nothing can be written now; the draft stays */
  setClosed(closed) {
    this.box.hidden = closed;
    if (closed) this.host.onWriting(false);
  }

  /** @param {number} wait seconds until the next message may be sent, 0 for none; one may keep typing */
  setWait(wait) {
    if (wait === this.#wait) return;
    this.#wait = wait;
    const label = this.words.send(wait);
    this.send.setAttribute('aria-label', label);
    this.send.title = label;
    this.send.classList.toggle('is-waiting', wait > 0);
    /** @type {HTMLElement} */ (this.send.querySelector('.composer__wait')).textContent = wait ? short(wait) : '';
    this.#show();
  }

  focus() {
    this.text.focus({ preventScroll: true });
  }

  get empty() {
    return this.text.value === '';
  }

  #edited() {
    this.#save();
    this.#show();
    if (this.note.dataset.tone === 'danger') this.say('');
    this.host.onWriting(this.text.value.trim() !== '');
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (composing(event) || this.host.onKey?.(event)) return;
    if (event.key === 'Enter' && sends(event)) {
      event.preventDefault();
      this.submit();
    } else if (event.key === 'ArrowUp' && this.empty && plain(event)) {
      event.preventDefault();
      this.host.onEditLast();
    } else if (event.key === 'Escape') {
      this.host.onEscape();
    }
  }

  #save() {
    const { store, draftKey } = this.host;
    if (this.text.value.trim()) store.set(draftKey, this.text.value);
    else store.remove(draftKey);
  }

  #over() {
    const { limit } = this.host;
    return limit > 0 ? length(this.text.value.trim()) - limit : -Infinity;
  }

  #show() {
    const over = this.#over();
    this.count.hidden = over < -NEAR_LIMIT;
    this.count.textContent = over > 0 ? this.words.tooMany(over) : this.words.left(-over);
    this.count.classList.toggle('is-over', over > 0);
    this.text.toggleAttribute('aria-invalid', over > 0);
    this.send.setAttribute('aria-disabled', String(!this.text.value.trim() || over > 0 || this.#wait > 0));
    fit(this.text);
  }
}

/** @param {number} n */
function seconds(n) {
  return n === 1 ? '1 second' : `${n} seconds`;
}

/** @param {number} n seconds: 9, or 1:05 */
function short(n) {
  return n < 60 ? String(n) : `${Math.floor(n / 60)}:${String(n % 60).padStart(2, '0')}`;
}

/**
 * An Enter that ends the composition of a character is not one that sends.
 * @param {KeyboardEvent} event
 */
export function composing(event) {
  return event.isComposing || event.keyCode === 229;
}

/**
 * Enter sends, except with a modifier that breaks the line and on touch keyboards, which have a button for it.
 * @param {KeyboardEvent} event
 */
export function sends(event) {
  if (event.ctrlKey || event.metaKey) return true;
  return plain(event) && !touchKeyboard();
}

/** Whether text is typed on a touch screen, where Enter breaks the line. */
export function touchKeyboard() {
  return matchMedia('(hover: none) and (pointer: coarse)').matches;
}

/** @param {KeyboardEvent} event */
function plain(event) {
  return !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;
}

/**
 * Grows a box with its text where the browser does not do it by itself.
 * @param {HTMLTextAreaElement} text
 */
export function fit(text) {
  if (CSS.supports('field-sizing', 'content')) return;
  text.style.height = 'auto';
  text.style.height = `${text.scrollHeight + text.offsetHeight - text.clientHeight}px`;
}
