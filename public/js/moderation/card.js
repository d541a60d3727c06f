/** @import {Message, User} from '../types.js' */
/** @import {Clockwork} from '../time.js' */
/** @import {Report} from './types.js' */
import { outranks } from './choices.js';
import { kindWords, outcome } from './words.js';

/**
 * Fills cards: copies of the template, the markup the server renders too (views/partials/card.html).
 * @param {object} parts
 * @param {HTMLTemplateElement} parts.template
 * @param {Clockwork} parts.time
 * @param {User} parts.me
 */
export function cardPainter({ template, time, me }) {
  /** @param {ParentNode} card @param {string} selector @returns {HTMLElement} */
  const part = (card, selector) => /** @type {HTMLElement} */ (card.querySelector(selector));

  /** @param {HTMLElement} card @param {Report} report */
  function paintWhat(card, { room, seq, author, text, kind }) {
    part(card, '.card__author').textContent = author.name;
    const link = /** @type {HTMLAnchorElement} */ (part(card, '.card__room'));
    link.textContent = room;
    // What is held has no place to lead to.
    if (seq) link.href = `${room === 'admin' ? '/admin' : `/rooms/${room}`}/${seq}#m${seq}`;
    else link.removeAttribute('href');
    part(card, '.card__text').textContent = text;
    card.dataset.kind = kind;
  }

  /** @param {HTMLElement} card @param {Report} report */
  function paintReasons(card, { reasons, count }) {
    part(card, '.card__reasons').replaceChildren(...reasons.map(({ user, text }) => {
      const item = document.createElement('li');
      const who = document.createElement('bdi');
      who.className = 'card__who';
      who.textContent = user.id ? user.name : 'Rule';
      const said = document.createElement('span');
      said.dir = 'auto';
      said.textContent = text;
      item.append(who, ': ', said);
      return item;
    }));
    const others = count - reasons.length;
    const more = part(card, '.card__more');
    more.hidden = others <= 0;
    more.textContent = `and ${others} more`;
  }

  /** @param {HTMLElement} card @param {Report} report */
  function paintDone(card, report) {
    const done = part(card, '.card__done');
    done.hidden = report.state === 'open';
    if (done.hidden) return;
    part(done, '.card__by').textContent = report.resolvedBy?.name || 'Roomline';
    part(done, '.card__outcome').textContent = outcome(report);
    paintTime(done, report.resolvedAt);
    part(done, '.card__note').textContent = report.note ?? '';
  }

  /** @param {HTMLElement} node @param {string} [when] */
  function paintTime(node, when = '') {
    const clock = /** @type {HTMLTimeElement} */ (part(node, 'time'));
    clock.dateTime = when;
    clock.textContent = when && time.brief(new Date(when));
  }

  return {
    /** @param {Report} report @returns {HTMLElement} */
    create(report) {
      const card = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
      /** @type {HTMLFormElement} */ (part(card, 'form')).action = `/admin/reports/${report.id}/resolve`;
      this.paint(card, report);
      return card;
    },

    /** @param {HTMLElement} card @param {Report} report its current state */
    paint(card, report) {
      const open = report.state === 'open';
      card.id = `card-${report.id}`;
      card.dataset.card = String(report.id);
      card.dataset.state = report.state;
      part(card, '.card__kind').textContent = kindWords(report);
      paintWhat(card, report);
      paintReasons(card, report);
      paintDone(card, report);
      const acts = part(card, '.card__acts');
      // Who has just pressed one of the buttons stays at the card.
      if (!open && acts.contains(document.activeElement)) nearest(card).focus({ preventScroll: true });
      acts.hidden = !open;
      this.limit(card, report);
      if (!open) say(card, '');
    },

    /** Offers what the reader may decide: nothing against those they do not outrank. @param {HTMLElement} card @param {Report} report */
    limit(card, { kind, author }) {
      const harmless = !author.id || outranks(me, author);
      let key = 0;
      for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (card.querySelectorAll('.card__acts button'))) {
        const fits = (button.dataset.of === 'held') === (kind === 'held');
        button.hidden = !fits || !harmless && button.classList.contains('button--danger-quiet');
        if (button.hidden) continue;
        button.title = `${button.textContent} (${++key})`;
        button.setAttribute('aria-keyshortcuts', String(key));
      }
    },

    /**
     * Makes a card that the server rendered the reader's own: their zone, their clock, their rank.
     * @param {HTMLElement} row
     * @param {Message} message
     */
    adopt(row, { report }) {
      const card = /** @type {HTMLElement | null} */ (row.querySelector('.card'));
      if (!card || !report) return;
      this.limit(card, report);
      const clock = /** @type {HTMLTimeElement | null} */ (card.querySelector('.card__done time'));
      if (clock?.dateTime) paintTime(part(card, '.card__done'), clock.dateTime);
    },

    /**
     * Draws the card of a row.
     * @param {HTMLElement} row
     * @param {Message} message of kind report
     */
    row(row, { report, seq }) {
      if (!report) return;
      const body = part(row, '.message__body');
      const card = /** @type {HTMLElement | null} */ (body.querySelector('.card'));
      if (card) this.paint(card, report);
      else body.append(this.create(report));
      row.setAttribute('aria-labelledby', `m${seq}-who m${seq}-time card-${report.id}-what`);
      part(body, '.card__what').id = `card-${report.id}-what`;
    },
  };
}

/** @param {HTMLElement} card what takes the focus for it */
export const nearest = (card) => /** @type {HTMLElement} */ (card.closest('.message') ?? card);

/** @param {HTMLElement} card @param {string} words why it could not be done */
export function say(card, words) {
  const line = /** @type {HTMLElement} */ (card.querySelector('.card__error'));
  if (line.textContent !== words) line.textContent = words;
}

/** @typedef {ReturnType<typeof cardPainter>} CardPainter */
