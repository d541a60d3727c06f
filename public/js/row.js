/** @import {Message, Pending, Reaction, Status, User} from './types.js' */
/** @import {Clockwork} from './time.js' */
import { hue, initials, line, who } from './text.js';

const WORDS = {
  gone: 'Message deleted',
  who,
  /** @param {import('./types.js').Role} role */
  role: (role) => /** @type {string} */ (role),
};

/** @this {Element} */
function takeAway() { this.remove(); }

/**
 * Fills rows: copies of the message template, the markup the server renders too.
 * @param {object} parts
 * @param {HTMLTemplateElement} parts.template
 * @param {HTMLTemplateElement} parts.status
 * @param {User} parts.me
 * @param {string} parts.room
 * @param {string} parts.roomPath
 * @param {Clockwork} parts.time
 * @param {(message: Message) => Reaction[]} parts.reactions
 * @param {import('./moderation/card.js').CardPainter} [parts.cards] where there are reports
 * @param {typeof WORDS} [parts.words]
 */
export function rowPainter({ template, status, me, room, roomPath, time, reactions, cards, words = WORDS }) {
  /** @param {ParentNode} row @param {string} selector @returns {HTMLElement} */
  const part = (row, selector) => /** @type {HTMLElement} */ (row.querySelector(selector));
  /** @param {string} selector of a part of the template */
  const copy = (selector) => /** @type {HTMLElement} */ (part(template.content, selector).cloneNode(true));
  /** @param {number} seq */
  const address = (seq) => `${roomPath}/${seq}#m${seq}`;

  /** @type {WeakMap<HTMLElement, string>} what stands in a text: it is not put there again, for the sake of a selection */
  const shown = new WeakMap();

  /** @param {HTMLElement} row @param {User} author */
  function paintAuthor(row, author) {
    for (let n = 0; n < 8; n++) row.classList.toggle(`hue-${n}`, n === hue(author.id));
    row.classList.toggle('is-own', author.id === me.id);
    paintAvatar(part(row, '.avatar'), author);
    part(row, '.message__who').textContent = author.name;
    const role = part(row, '.message__role');
    role.textContent = author.role ? words.role(author.role) : '';
    role.hidden = !author.role || author.role === 'member';
  }

  /** The picture lies on the initials: they are there until it is, and if it never comes. @param {HTMLElement} place @param {User} author */
  function paintAvatar(place, { name, avatar }) {
    if (avatar && place.querySelector('img')?.getAttribute('src') === avatar) return;
    place.textContent = initials(name);
    if (avatar) place.append(Object.assign(new Image(), { src: avatar, alt: '', onerror: takeAway }));
  }

  /** @param {HTMLElement} row @param {Date} at */
  function paintTime(row, at) {
    const node = /** @type {HTMLTimeElement} */ (part(row, 'time'));
    node.dateTime = at.toISOString();
    node.textContent = time.clock(at);
    node.title = time.full(at);
  }

  /** @param {HTMLElement} node @param {{text?: string, html?: string, emojiOnly?: boolean}} message */
  function paintText(node, { text = '', html = '', emojiOnly = false }) {
    node.classList.toggle('is-emoji', emojiOnly);
    if (shown.get(node) === (html || text)) return;
    shown.set(node, html || text);
    node.classList.toggle('is-rich', html !== '');
    if (html) showMarkup(node, html);
    else node.textContent = text;
    for (const mention of node.querySelectorAll(`.mention[data-user="${CSS.escape(me.id)}"]`)) mention.classList.add('is-me');
  }

  /** @param {HTMLElement} row @param {number | undefined} seq of what the row answers */
  function answers(row, seq) {
    const quote = /** @type {HTMLAnchorElement} */ (part(row, '.quote'));
    if (!seq) return quote.remove();
    quote.dataset.seq = String(seq);
    quote.href = address(seq);
  }

  /** @param {HTMLElement} row @param {Message} message takes out the actions that there are not */
  function limitActions(row, { author, deletedAt, kind }) {
    if (kind !== 'text') remove(row, '[data-action="copy"], [data-action="moderate"]');
    if (deletedAt) remove(row, '.actions > :not([data-action="link"], [data-action="moderate"])');
    else if (author.id !== me.id) remove(row, '[data-action="edit"], [data-action="delete"]');
    if (author.id === me.id || kind !== 'text' || room === 'admin') remove(row, '[data-action="report"]');
  }

  /** @param {HTMLElement} node @param {Reaction} reaction */
  function paintReaction(node, { emoji, users }) {
    const own = users.some(({ id }) => id === me.id);
    const button = /** @type {HTMLButtonElement} */ (node);
    button.value = emoji;
    const names = words.who(users, me.id);
    button.title = `${emoji} ${names}`;
    button.setAttribute('aria-label', `${emoji} ${users.length}: ${names}`);
    button.setAttribute('aria-pressed', String(own));
    part(button, '.reaction__emoji').textContent = emoji;
    part(button, '.reaction__count').textContent = String(users.length);
  }

  return {
    /** @param {Message} message */
    create(message) {
      const row = copy('.message');
      const key = `m${message.seq}`;
      row.id = key;
      row.dataset.key = key;
      row.dataset.message = '';
      row.dataset.kind = message.kind;
      part(row, '.message__who').id = `${key}-who`;
      part(row, '.message__time').id = `${key}-time`;
      part(row, '.message__body').id = `${key}-text`;
      row.setAttribute('aria-labelledby', `${key}-who ${key}-time ${key}-text`);
      /** @type {HTMLAnchorElement} */ (part(row, '.message__time')).href = address(message.seq);
      part(row, '.reactions').remove();
      answers(row, message.replyTo);
      this.paint(row, message);
      return row;
    },

    /** @param {HTMLElement} row @param {Message} message its current state */
    paint(row, message) {
      const gone = Boolean(message.deletedAt);
      paintAuthor(row, message.author);
      paintTime(row, new Date(message.sentAt));
      row.classList.toggle('is-deleted', gone);
      row.classList.toggle('is-mention', Boolean(message.mentions?.some(({ id }) => id === me.id)));
      paintText(part(row, '.message__text'), message);
      part(row, '.message__text').hidden = gone || Boolean(message.report);
      part(row, '.message__gone').hidden = !gone;
      const edited = part(row, '.message__edited');
      edited.hidden = gone || !message.editedAt;
      if (message.editedAt) edited.title = time.full(new Date(message.editedAt));
      if (gone) remove(row, '.quote');
      limitActions(row, message);
      this.paintReactions(row, message);
      cards?.row(row, message);
    },

    /**
     * Makes a row that the server rendered the reader's own: their zone, their clock.
     * @param {HTMLElement} row
     * @param {Partial<Message>} rest what the row does not show
     * @returns {Message}
     */
    adopt(row, rest) {
      const seq = Number(row.id.slice(1));
      const sentAt = /** @type {HTMLTimeElement} */ (part(row, 'time')).dateTime;
      const message = /** @type {Message} */ ({ room, seq, rev: seq, id: '', kind: 'text', sentAt, ...rest });
      paintTime(row, new Date(sentAt));
      part(row, '.actions').replaceWith(copy('.actions'));
      limitActions(row, message);
      cards?.adopt(row, message);
      const node = part(row, '.message__text');
      if (node.classList.contains('is-rich')) message.html = node.innerHTML;
      else message.text = node.textContent ?? '';
      shown.set(node, message.html || message.text || '');
      return message;
    },

    /** @param {HTMLElement} row @param {Message} message */
    paintReactions(row, message) {
      const list = reactions(message);
      let form = row.querySelector('.reactions');
      if (list.length === 0) {
        if (form?.contains(/** @type {Document | ShadowRoot} */ (row.getRootNode()).activeElement)) row.focus({ preventScroll: true });
        return form?.remove();
      }
      if (!form) {
        form = copy('.reactions');
        remove(form, 'button[type="submit"]');
        part(row, '.actions').before(form);
      }
      const old = new Map([...form.querySelectorAll('button[type="submit"]')].map((node) =>
        [/** @type {HTMLButtonElement} */ (node).value, /** @type {HTMLElement} */ (node)]));
      let next = form.querySelector('button');
      for (const reaction of list) {
        const node = old.get(reaction.emoji) ?? copy('.reaction');
        old.delete(reaction.emoji);
        paintReaction(node, reaction);
        if (node === next) next = /** @type {HTMLButtonElement} */ (next.nextElementSibling);
        else form.insertBefore(node, next);
      }
      old.forEach((node) => node.remove());
    },

    /**
     * @param {HTMLElement} quote
     * @param {Message | null} original null: there is no such message
     */
    paintQuote(quote, original) {
      quote.dataset.rev = String(original?.rev ?? 0);
      const gone = !original || Boolean(original.deletedAt);
      quote.classList.toggle('is-gone', gone);
      part(quote, '.quote__who').textContent = gone ? '' : original.author.name;
      part(quote, '.quote__text').textContent = gone ? words.gone : line(original);
    },

    /** @param {Pending} entry */
    createPending(entry) {
      const row = copy('.message');
      row.dataset.key = `p${entry.id}`;
      row.dataset.pending = entry.id;
      row.classList.add('is-pending');
      row.removeAttribute('tabindex');
      paintAuthor(row, me);
      paintTime(row, new Date(entry.at));
      paintText(part(row, '.message__text'), entry);
      answers(row, entry.replyTo);
      remove(row, '.actions, .reactions');
      part(row, '.message__body').append(status.content.cloneNode(true));
      return row;
    },

    /** @param {HTMLElement} row @param {Status} status */
    paintStatus(row, { words: state, failed, held }) {
      row.classList.toggle('is-failed', failed);
      if (held) row.dataset.held = held;
      const node = part(row, '.status');
      node.hidden = state === '';
      const said = part(row, '.status__words');
      if (said.textContent !== state) said.textContent = state;
    },
  };
}

/** @param {ParentNode} row @param {string} selector */
function remove(row, selector) {
  row.querySelectorAll(selector).forEach((node) => node.remove());
}

/**
 * The one place where markup enters the page. It is never what somebody typed: the server makes it of the text with
 * a handful of tags, escapes everything else, and sends it through a sanitiser. Plain text does not come this way.
 * @param {HTMLElement} node
 * @param {string} html of a message
 */
function showMarkup(node, html) {
  node.innerHTML = html;
  // Links to the site itself stay in this tab. The server does the same in the pages it renders.
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (node.querySelectorAll('a[target]'))) {
    if (link.origin !== location.origin) continue;
    link.removeAttribute('target');
    link.removeAttribute('rel');
  }
}

/** @typedef {ReturnType<typeof rowPainter>} RowPainter */
