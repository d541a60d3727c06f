/** @import {Entry} from '../rooms.js' */
/** @import {HubType} from './hub.js' */
/** @import {Translate} from './strings.js' */
import { icon, make } from './markup.js';

/**
 * The list of rooms beside the conversation.
 * @param {object} parts
 * @param {HubType} parts.hub
 * @param {Translate} parts.t
 * @param {(slug: string) => void} parts.choose
 */
export function roomList({ hub, t, choose }) {
  const list = make('ul', 'rooms__list');
  const none = make('p', { className: 'rooms__none', hidden: true }, t('noRooms'));
  const root = make('nav', { className: 'rooms', 'aria-label': t('rooms') }, make('h2', 'rooms__title', t('rooms')), list, none);
  /** @type {Map<string, HTMLButtonElement>} */
  const buttons = new Map();

  /** @param {string} slug */
  const add = (slug) => {
    const button = make('button', { type: 'button', className: 'rooms__one' });
    button.addEventListener('click', () => choose(slug));
    buttons.set(slug, button);
    list.append(make('li', '', button));
    return button;
  };

  return {
    root,
    /** @param {string} current @param {HTMLElement} [way] to the list, where it is not beside the conversation */
    draw(current, way) {
      const entries = hub.rooms.all.filter(({ slug }) => hub.listed.has(slug));
      for (const [slug, button] of buttons) {
        if (entries.some((entry) => entry.slug === slug)) continue;
        button.closest('li')?.remove();
        buttons.delete(slug);
      }
      for (const entry of entries) paint(buttons.get(entry.slug) ?? add(entry.slug), entry, entry.slug === current, t);
      if (way) point(way, entries.filter(({ slug }) => slug !== current), t);
      none.hidden = entries.length > 0 || hub.state.name !== 'live';
    },
    /** @param {string} current */
    focus(current) {
      buttons.get(current)?.focus();
    },
  };
}

/**
 * Says on the way to the list what is new there.
 * @param {HTMLElement} way @param {Entry[]} others @param {Translate} t
 */
function point(way, others, t) {
  const sum = { unread: 0, mentions: 0 };
  for (const { level, unread, mentions } of others) {
    if (level !== 'none') sum.unread += unread;
    sum.mentions += mentions;
  }
  way.toggleAttribute('data-news', sum.unread + sum.mentions > 0);
  way.setAttribute('aria-label', [t('back'), ...news(sum, t)].join(', '));
}

/** @param {{unread: number, mentions: number}} of @param {Translate} t */
const news = ({ unread, mentions }, t) => [mentions ? t('mentions', { n: mentions }) : '', unread ? t('unread', { n: unread }) : ''].filter(Boolean);

/** @param {HTMLButtonElement} button @param {Entry} room @param {boolean} current @param {Translate} t */
function paint(button, room, current, t) {
  const unread = current || room.level === 'none' ? 0 : room.unread;
  const mentions = current ? 0 : room.mentions;
  const key = [room.name, room.private, current, unread, mentions].join('\n');
  if (button.dataset.key === key) return; // it is drawn often
  button.dataset.key = key;
  if (current) button.setAttribute('aria-current', 'true');
  else button.removeAttribute('aria-current');
  button.classList.toggle('is-unread', unread > 0 || mentions > 0);
  const parts = [make('span', 'rooms__name', make('bdi', '', room.name))];
  if (room.private) parts.push(make('span', 'rooms__private', icon('lock'), make('span', 'sr', t('private'))));
  const n = mentions || unread;
  if (n) {
    parts.push(make('span', { className: mentions ? 'rooms__count is-mention' : 'rooms__count', 'aria-hidden': 'true' }, `\u2066${mentions ? '@' : ''}${n > 99 ? '99+' : n}\u2069`));
    parts.push(make('span', 'sr', news({ unread, mentions }, t).join(', ')));
  }
  button.replaceChildren(...parts);
}
