/** @import {Entry, Rooms} from './rooms.js' */

/**
 * Draws the list of rooms at the side as it is known: new rooms come, those that are gone go.
 * @param {object} parts
 * @param {HTMLElement} parts.list
 * @param {HTMLTemplateElement} parts.template
 * @param {HTMLElement} parts.button opens the list on a phone, and shows that it has mentions
 * @param {Rooms} parts.rooms what is read in its current room is read
 * @param {(slug: string) => string} parts.path of a room's page
 */
export function roomRail({ list, template, button, rooms, path }) {
  /** @type {Map<string, HTMLElement>} */
  const links = new Map();
  for (const link of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll('[data-room]'))) {
    links.set(link.dataset.room ?? '', link);
  }

  /** @param {string} slug */
  const add = (slug) => {
    const item = /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
    const link = /** @type {HTMLAnchorElement} */ (item.querySelector('a'));
    link.dataset.room = slug;
    link.href = path(slug);
    list.append(item);
    links.set(slug, link);
    return link;
  };

  return {
    draw() {
      for (const [slug, link] of links) {
        if (rooms.get(slug)) continue;
        link.closest('li')?.remove();
        links.delete(slug);
      }
      markButton(button, rooms.mentionsElsewhere);
      for (const room of rooms.all) paint(links.get(room.slug) ?? add(room.slug), room, room.slug === rooms.current);
    },
  };
}

/** @param {HTMLElement} link @param {Entry} room @param {boolean} current */
function paint(link, room, current) {
  /** @param {string} part */
  const part = (part) => /** @type {HTMLElement} */ (link.querySelector(`.rail__${part}`));
  const muted = room.level === 'none';
  const unread = current || muted ? 0 : room.unread;
  const mentions = current ? 0 : room.mentions;
  put(part('name'), room.name);
  part('private').hidden = !room.private;
  part('frozen').hidden = !room.frozen;
  link.classList.toggle('is-unread', unread > 0 || mentions > 0);
  link.classList.toggle('is-muted', muted);
  for (const [name, n] of /** @type {[string, number][]} */ ([['unread', unread], ['mentions', mentions]])) {
    part(name).hidden = n === 0;
    put(/** @type {HTMLElement} */ (part(name).querySelector('[data-count]')), n > 99 ? '99+' : String(n));
  }
}

/** @param {HTMLElement} button @param {number} n mentions in the other rooms */
function markButton(button, n) {
  const words = n ? `, ${n > 99 ? '99+' : n} mention${n === 1 ? '' : 's'} of you` : '';
  button.setAttribute('aria-label', `Rooms${words}`);
  /** @type {HTMLElement} */ (button.querySelector('.room__mentions')).hidden = n === 0;
}

/** Writes only what differs: the list is drawn often. @param {HTMLElement} node @param {string} text */
function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
