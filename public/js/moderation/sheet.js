/** @import {User} from '../types.js' */
import { element } from '../config.js';
import { hue, initials } from '../text.js';

/**
 * @typedef {object} Way  One thing that can be done in the sheet.
 * @property {string} label  of the choice
 * @property {string} yes  of the button
 * @property {string} [hint]
 * @property {boolean} [danger]
 * @property {number} [span]  minutes that are chosen at first, 0 for until it is lifted; without it there is no time to choose
 * @property {boolean} [timed]  it has an end
 * @property {boolean} [purge]  messages can go with it
 * @property {string} [optional]  why no reason is needed
 *
 * @typedef {object} Matter  What the sheet is about.
 * @property {string} title
 * @property {User} who  whom it is about
 * @property {string} [about]
 * @property {string} [quote]
 * @property {string} [page]  path of the page with all of it
 * @property {Record<string, Way>} ways
 * @property {() => void} [back]  puts the focus somewhere afterwards if what had it is gone
 * @property {(choice: string, fields: {reason: string, minutes: number, purge: boolean}) => Promise<string>} act
 *   returns why it could not be done, or nothing
 */

/**
 * The one sheet in which moderators act: what to do, for how long, and why. It is the browser's own modal dialog,
 * which keeps the focus and gives it back; from below on a phone.
 */
export class Sheet {
  /** @type {Matter | null} */
  #matter = null;
  #busy = false;
  /** the choice that the fields are set for */
  #shown = '';

  constructor() {
    this.dialog = /** @type {HTMLDialogElement} */ (element('acts'));
    this.form = /** @type {HTMLFormElement} */ (element('acts-form'));
    this.reason = /** @type {HTMLInputElement} */ (element('acts-reason'));
    this.yes = /** @type {HTMLButtonElement} */ (element('acts-yes'));
    this.template = /** @type {HTMLTemplateElement} */ (element('choice-template'));
    for (const id of ['acts-close', 'acts-cancel']) element(id).addEventListener('click', () => this.dialog.close());
    // Beside it, from the first to the last: a selection that ends there is no click.
    let pressed = false;
    this.dialog.addEventListener('pointerdown', (event) => { pressed = event.target === this.dialog; });
    this.dialog.addEventListener('click', (event) => { if (pressed && event.target === this.dialog) this.dialog.close(); });
    this.dialog.addEventListener('close', () => this.#clear());
    this.form.addEventListener('change', (event) => {
      if (/** @type {HTMLInputElement} */ (event.target).name === 'choice') this.#show();
    });
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    element('acts-why').addEventListener('click', (event) => {
      const { reason } = /** @type {HTMLElement} */ (event.target).dataset;
      if (!reason) return;
      this.reason.value = reason;
      this.#say('');
      this.yes.focus();
    });
  }

  get open() {
    return this.dialog.open;
  }

  /** @param {Matter} matter */
  show(matter) {
    this.#matter = matter;
    element('acts-title').textContent = matter.title;
    element('acts-about').textContent = matter.about ?? '';
    const avatar = element('acts-avatar');
    avatar.textContent = initials(matter.who.name);
    avatar.className = `avatar hue-${hue(matter.who.id)}`;
    element('acts-quote').textContent = matter.quote ?? '';
    const page = /** @type {HTMLAnchorElement} */ (element('acts-page'));
    page.hidden = !matter.page;
    page.href = matter.page ?? '';
    this.reason.value = '';
    this.#shown = '';
    this.offer(matter.ways);
    this.dialog.showModal();
    const first = /** @type {HTMLElement | null} */ (this.form.querySelector('[name="choice"]:checked'));
    if (first?.checkVisibility()) first.focus();
    else element('acts-title').focus(); // nothing to choose: not a field, which would raise a keyboard
  }

  /**
   * What can be done, when more is known of it. What was chosen stays chosen.
   * @param {Record<string, Way>} ways
   */
  offer(ways) {
    if (!this.#matter) return;
    this.#matter.ways = ways;
    const names = Object.keys(ways);
    const before = this.#choice;
    const chosen = names.includes(before) ? before : names[0];
    const focused = this.form.contains(document.activeElement) && document.activeElement?.getAttribute('name') === 'choice';
    const box = element('acts-choices');
    box.hidden = names.length < 2;
    for (const old of box.querySelectorAll('label')) old.remove();
    for (const [name, { label, hint = '' }] of Object.entries(ways)) {
      const row = /** @type {HTMLElement} */ (this.template.content.firstElementChild?.cloneNode(true));
      const [input, words, more] = row.children;
      Object.assign(input, { value: name, checked: name === chosen });
      words.textContent = label;
      more.textContent = hint;
      box.append(row);
      if (focused && name === chosen) /** @type {HTMLElement} */ (input).focus();
    }
    this.#show();
  }

  /** @param {string} words of what is missing */
  trouble(words) {
    this.#say(words);
  }

  get #choice() {
    return String(new FormData(this.form).get('choice') ?? '');
  }

  /** Shows what belongs to the choice. */
  #show() {
    const way = this.#matter?.ways[this.#choice];
    for (const id of ['acts-why', 'acts-yes']) element(id).hidden = !way;
    element('acts-spans').hidden = way?.span === undefined;
    element('acts-open-end').hidden = Boolean(way?.timed);
    element('acts-purge').hidden = !way?.purge;
    if (!way || this.#shown === this.#choice) return;
    this.#shown = this.#choice;
    for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (this.form.querySelectorAll('[name="minutes"]'))) {
      input.checked = Number(input.value) === way.span;
    }
    this.yes.textContent = way.yes;
    this.yes.classList.toggle('button--danger', Boolean(way.danger));
    this.reason.setAttribute('aria-required', String(!way.optional));
    element('acts-reason-label').textContent = way.optional ? 'Reason (may be left out)' : 'Reason';
    element('acts-reason-hint').textContent = way.optional ?? '';
    this.#say('');
  }

  async #submit() {
    const matter = this.#matter;
    const data = new FormData(this.form);
    const choice = this.#choice;
    const way = matter?.ways[choice];
    if (!matter || !way || this.#busy) return;
    const reason = this.reason.value.trim();
    if (!reason && !way.optional) {
      this.#say('Give a reason. It is kept with what you do.');
      return this.reason.focus();
    }
    this.#hold(true);
    const trouble = await matter.act(choice, {
      reason,
      minutes: way.span === undefined ? 0 : Number(data.get('minutes')),
      purge: Boolean(way.purge && data.get('purge')),
    });
    this.#hold(false);
    if (matter !== this.#matter) return; // closed, and perhaps about something else now
    if (!trouble) return this.dialog.close();
    this.#say(trouble);
    this.yes.focus();
  }

  /** @param {boolean} busy */
  #hold(busy) {
    this.#busy = busy;
    this.yes.setAttribute('aria-disabled', String(busy));
  }

  /** @param {string} words */
  #say(words) {
    element('acts-error').textContent = words;
    this.reason.setAttribute('aria-invalid', String(words !== ''));
  }

  /** What is deleted is deleted here too. */
  #clear() {
    if (this.dialog.open) return; // the late event of the matter before
    const focused = document.activeElement;
    if (focused === document.body || this.dialog.contains(focused)) this.#matter?.back?.();
    this.#matter = null;
    for (const id of ['acts-quote', 'acts-texts', 'acts-sanctions', 'acts-about']) element(id).replaceChildren();
    for (const label of element('acts-choices').querySelectorAll('label')) label.remove();
    element('acts-before').hidden = true;
    this.form.reset();
    this.reason.value = '';
  }
}
