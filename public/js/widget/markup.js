/** @import {Translate} from './strings.js' */

/**
 * Makes an element.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown> | string} [has] properties, or the class; with a dash, or role, attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function make(tag, has = {}, ...children) {
  const node = document.createElement(tag);
  if (typeof has === 'string') has = { className: has };
  for (const [name, value] of Object.entries(has)) {
    if (name === 'role' || name.includes('-')) node.setAttribute(name, String(value));
    else /** @type {any} */ (node)[name] = value;
  }
  node.append(...children);
  return node;
}

/** The lines of the icons, in a box of 20. */
const ICONS = {
  send: 'M10 16V4.5M5 9l5-5 5 5',
  down: 'M10 4v11.5M5 11l5 5 5-5',
  close: 'M5 5l10 10M15 5L5 15',
  react: 'M16.8 9.2A7 7 0 1 1 10.8 3.2M7 12c.7 1.1 1.8 1.7 3 1.7s2.3-.6 3-1.7M7.6 8.2v.1M12.4 8.2v.1M15.5 1.8v5M13 4.3h5',
  reply: 'M8 5L3.5 9.5 8 14M3.5 9.5H11a5.5 5.5 0 0 1 5.5 5.5v.5',
  edit: 'M12.5 4.5l3 3L7 16H4v-3l8.5-8.5zM10.5 6.5l3 3',
  delete: 'M3.5 5.5h13M8 5.5V3.5h4v2M5.5 5.5l.7 11h7.6l.7-11M8.5 8.5v5M11.5 8.5v5',
  report: 'M5 17.5V3M5 4c3.5-2 6.5 2 10.5 0v7.5c-4 2-7-2-10.5 0',
  back: 'M3 5.5h14M3 10h14M3 14.5h9',
  lock: 'M4.5 11a2 2 0 0 1 2-2h7a2 2 0 0 1 2 2v3.5a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2zM7 9V6.5a3 3 0 0 1 6 0V9',
  people: 'M10.5 7a2.75 2.75 0 1 1-5.5 0 2.75 2.75 0 0 1 5.5 0M2.5 16c.4-2.9 2.5-4.5 5.25-4.5S12.6 13.1 13 16M12.5 4.5a2.6 2.6 0 0 1 0 5M15 11.9c1.5.6 2.4 2 2.6 4.1',
};

/** @param {keyof typeof ICONS} name */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', ICONS[name]);
  for (const [key, value] of [['viewBox', '0 0 20 20'], ['class', 'icon'], ['aria-hidden', 'true'], ['focusable', 'false']]) svg.setAttribute(key, value);
  svg.append(path);
  return svg;
}

/**
 * @param {keyof typeof ICONS} image
 * @param {string} label
 * @param {Record<string, unknown>} [has]
 */
export function iconButton(image, label, has = {}) {
  return make('button', { type: 'button', className: 'icon-button', 'aria-label': label, title: label, ...has }, icon(image));
}

/** @param {...Node} children */
function template(...children) {
  const node = document.createElement('template');
  node.content.append(...children);
  return node;
}

/**
 * What rows are copied from: the parts that rowPainter fills.
 * @param {Translate} t
 */
export function templates(t) {
  const action = (/** @type {any} */ image, /** @type {string} */ label, act = image) => iconButton(image, label, { 'data-action': act });
  const message = make('article', { className: 'message', tabIndex: -1 },
    make('span', { className: 'avatar', 'aria-hidden': 'true' }),
    make('header', 'message__head',
      make('bdi', 'message__who'), make('span', 'message__role'), make('span', 'message__time', make('time'))),
    make('button', { type: 'button', className: 'quote', 'data-action': 'quoted' }, icon('reply'),
      make('span', 'sr', t('inReplyTo')), ' ', make('bdi', 'quote__who'), ' ', make('span', { className: 'quote__text', dir: 'auto' })),
    make('div', 'message__body',
      make('div', { className: 'message__text', dir: 'auto' }),
      make('p', { className: 'message__gone', hidden: true }, t('deleted')),
      make('span', { className: 'message__edited', hidden: true }, t('edited'))),
    make('form', { className: 'reactions', 'data-action': 'react' },
      make('button', { type: 'submit', className: 'reaction' },
        make('span', { className: 'reaction__emoji', 'aria-hidden': 'true' }), make('span', { className: 'reaction__count', 'aria-hidden': 'true' })),
      make('button', { type: 'button', className: 'reaction reaction--add', 'data-action': 'pick', 'aria-label': t('react'), title: t('react') }, icon('react'))),
    make('div', { className: 'actions', role: 'group', 'aria-label': t('actions') },
      action('react', t('react'), 'pick'), action('reply', t('reply')), action('edit', t('edit')),
      action('delete', t('delete')), action('report', t('report'))));
  const text = (/** @type {string} */ act, /** @type {string} */ label) =>
    make('button', { type: 'button', className: 'text-button', 'data-action': act }, label);
  const status = make('p', 'status', make('span', 'status__words'), ' ',
    make('span', 'status__actions', text('retry', t('retry')), text('drop', t('delete')), text('dismiss', t('dismiss'))));
  const editor = make('form', 'editor',
    make('textarea', { className: 'editor__text', rows: 1, dir: 'auto', 'aria-label': t('editLabel') }),
    make('p', { className: 'editor__note', role: 'status' }),
    make('div', 'editor__buttons',
      make('button', { type: 'submit', className: 'button' }, t('save')),
      make('button', { type: 'button', className: 'button button--quiet', 'data-action': 'cancel-edit' }, t('cancel')),
      make('span', 'editor__hint', t('escHint'))));
  return { message: template(message), status: template(status), editor: template(editor) };
}

/** The true layout of rows, while they are on their way. */
export function skeleton() {
  const row = () => make('div', 'skeleton__row', make('span', 'skeleton__avatar'), make('span', 'skeleton__bar'), make('span', 'skeleton__bar'));
  return make('div', { className: 'skeleton', 'aria-hidden': 'true' }, row(), row(), row());
}

/**
 * All parts of a room's pane.
 * @param {Translate} t
 */
export function pane(t) {
  const name = make('bdi');
  const topic = make('bdi');
  const people = make('span', { className: 'head__people', hidden: true });
  const back = iconButton('back', t('back'), { hidden: true, className: 'icon-button head__back' });
  const line = make('div', 'line');
  const notice = make('p', { className: 'notice', dir: 'auto', hidden: true });
  const banner = make('div', { className: 'banner', role: 'status' });
  const older = make('div', { className: 'older', hidden: true }, skeleton());
  const begun = make('p');
  const empty = make('p');
  const beginning = make('div', { className: 'beginning', hidden: true }, begun, empty);
  const list = make('div', 'list');
  const content = make('div', 'log__content', make('p', 'sr'), older, beginning, list);
  const log = make('div', { className: 'log', role: 'log', tabIndex: 0, 'aria-label': t('messages'), 'aria-live': 'off' }, content);
  const jumpText = make('span');
  const jump = make('button', { type: 'button', className: 'jump', hidden: true }, icon('down'), jumpText);
  const typing = make('p', { className: 'typing', 'aria-hidden': 'true' });
  const note = make('p', { className: 'composer__note', role: 'status' });
  const closed = make('div', { className: 'composer__closed', hidden: true, tabIndex: -1 });
  const replyWho = make('span', 'reply__who');
  const replyText = make('span', { className: 'reply__text', dir: 'auto' });
  const replyClose = iconButton('close', t('close'));
  const reply = make('div', { className: 'reply', hidden: true }, icon('reply'), replyWho, replyText, replyClose);
  const text = make('textarea', { name: 'text', className: 'composer__text', rows: 1, dir: 'auto', placeholder: t('placeholder') });
  const send = make('button', { type: 'submit', className: 'composer__send', 'aria-label': t('send'), title: t('send') },
    icon('send'), make('span', { className: 'composer__wait', 'aria-hidden': 'true' }));
  const count = make('span', { className: 'composer__count', hidden: true });
  const slow = make('span', { className: 'composer__slow', hidden: true });
  const form = make('form', { className: 'composer', hidden: true }, note, closed, reply, make('div', 'composer__box', text, send),
    make('div', 'composer__foot', typing, slow, count));
  const speaker = make('div', { className: 'sr', 'aria-live': 'polite' });
  const root = make('section', 'room',
    make('header', 'head', back, make('div', 'head__names', make('h2', 'head__name', name), make('p', 'head__topic', topic)), people),
    line, notice, banner, make('div', 'stage', log, jump), form, speaker);
  return {
    root, name, topic, people, back, line, notice, banner, older, begun, empty, beginning, list, content, log, jump, jumpText, typing,
    closed, reply, replyWho, replyText, replyClose, text, form, slow, speaker,
  };
}
