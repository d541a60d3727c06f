/** @import {Message, Pending, User} from './types.js' */
/** @import {Clockwork} from './time.js' */
import { emojiOnly, hue, initials, segments } from './text.js';

/**
 * Fills rows: copies of the message template, the markup the server renders too. Text enters as text only.
 * @param {{template: HTMLTemplateElement, status: HTMLTemplateElement, me: User, roomPath: string, time: Clockwork}} parts
 */
export function rowPainter({ template, status, me, roomPath, time }) {
  /** @param {HTMLElement} row @param {string} selector @returns {HTMLElement} */
  const part = (row, selector) => /** @type {HTMLElement} */ (row.querySelector(selector));

  const blank = () => /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));

  /** @param {HTMLElement} row @param {User} author */
  function paintAuthor(row, author) {
    for (let n = 0; n < 8; n++) row.classList.toggle(`hue-${n}`, n === hue(author.id));
    row.classList.toggle('is-own', author.id === me.id);
    part(row, '.avatar').textContent = initials(author.name);
    part(row, '.message__who').textContent = author.name;
    const role = part(row, '.message__role');
    role.textContent = author.role ?? '';
    role.hidden = !author.role || author.role === 'member';
  }

  /** @param {HTMLElement} row @param {Date} at */
  function paintTime(row, at) {
    const node = /** @type {HTMLTimeElement} */ (part(row, 'time'));
    node.dateTime = at.toISOString();
    node.textContent = time.clock(at);
    node.title = time.full(at);
  }

  return {
    /** @param {Message} message */
    create(message) {
      const row = blank();
      const key = `m${message.seq}`;
      row.id = key;
      row.dataset.key = key;
      row.dataset.message = '';
      part(row, '.message__who').id = `${key}-who`;
      part(row, '.message__time').id = `${key}-time`;
      part(row, '.message__body').id = `${key}-text`;
      row.setAttribute('aria-labelledby', `${key}-who ${key}-time ${key}-text`);
      /** @type {HTMLAnchorElement} */ (part(row, '.message__time')).href = `${roomPath}/${message.seq}#${key}`;
      this.paint(row, message);
      return row;
    },

    /** @param {HTMLElement} row @param {Message} message its current state */
    paint(row, message) {
      const gone = Boolean(message.deletedAt);
      paintAuthor(row, message.author);
      paintTime(row, new Date(message.sentAt));
      row.classList.toggle('is-deleted', gone);
      paintText(part(row, '.message__text'), message.text ?? '');
      part(row, '.message__text').hidden = gone;
      part(row, '.message__gone').hidden = !gone;
      const edited = part(row, '.message__edited');
      edited.hidden = gone || !message.editedAt;
      if (message.editedAt) edited.title = time.full(new Date(message.editedAt));
      if (gone || message.author.id !== me.id) {
        row.querySelectorAll('[data-action="edit"], [data-action="delete"]').forEach((node) => node.remove());
      }
      row.querySelectorAll('[data-action="copy"]').forEach((node) => { /** @type {HTMLElement} */ (node).hidden = gone; });
    },

    /**
     * Makes a row that the server rendered the reader's own: their zone, their clock.
     * @param {HTMLElement} row
     * @param {Message} message
     */
    adopt(row, message) {
      paintTime(row, new Date(message.sentAt));
      part(row, '.message__text').classList.toggle('is-emoji', emojiOnly(message.text ?? ''));
    },

    /** @param {Pending} entry */
    createPending(entry) {
      const row = blank();
      row.dataset.key = `p${entry.id}`;
      row.dataset.pending = entry.id;
      row.classList.add('is-pending');
      row.removeAttribute('tabindex');
      paintAuthor(row, me);
      paintTime(row, new Date(entry.at));
      paintText(part(row, '.message__text'), entry.text);
      row.querySelector('.actions')?.remove();
      part(row, '.message__body').append(status.content.cloneNode(true));
      return row;
    },

    /** @param {HTMLElement} row @param {{words: string, failed: boolean}} state */
    paintStatus(row, { words, failed }) {
      row.classList.toggle('is-failed', failed);
      const node = part(row, '.status');
      node.hidden = words === '';
      const said = part(row, '.status__words');
      if (said.textContent !== words) said.textContent = words;
    },
  };
}

/**
 * @param {HTMLElement} node
 * @param {string} text
 */
function paintText(node, text) {
  node.replaceChildren(...segments(text).map(({ text: words, href }) => {
    if (!href) return document.createTextNode(words);
    const link = document.createElement('a');
    link.href = href;
    link.rel = 'noopener nofollow ugc';
    link.target = '_blank';
    link.textContent = words;
    return link;
  }));
  node.classList.toggle('is-emoji', emojiOnly(text));
}

/** @typedef {ReturnType<typeof rowPainter>} RowPainter */
