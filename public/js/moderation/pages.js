/** The pages of moderators under /admin: what they are without script, kept live. Each part comes where there is use for it. */
import { io } from '../../vendor/socket.io.esm.min.js';
import { Connection } from '../connection.js';
import { element } from '../config.js';
import { queueBadge } from './badge.js';
import { Line } from './line.js';
import { getPage } from './page.js';

/** A page that is not connected this long says so, ms. */
const OUT_FOR = 4000;

const nav = element('mod-nav');
const main = /** @type {HTMLElement} */ (nav.closest('main'));
const said = document.createElement('div');
said.className = 'sr';
said.setAttribute('role', 'status');
main.append(said);
/** @param {string} words to those who listen */
const say = (words) => { said.textContent = words; };

const state = document.createElement('p');
state.className = 'mod__state';
state.hidden = true;
nav.after(state);

const socket = io('/admin', { path: nav.dataset.socketPath, autoConnect: false, reconnectionDelay: 500, reconnectionDelayMax: 8000 });
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
const connection = new Connection(socket, {
  onUp: () => {},
  onDown: () => {},
  onState: ({ name }) => {
    clearTimeout(timer);
    // The page without script says what is the matter better than this one could.
    if (name === 'ended' || name === 'refused') return location.reload();
    state.hidden = name === 'live' || state.hidden;
    if (name !== 'live') timer = setTimeout(() => { state.hidden = false; }, OUT_FOR);
  },
});
state.textContent = 'Not connected. What stands here may be old.';

const line = new Line(socket);
/** @param {string} event @param {object} body */
const ask = (event, body) => line.ask(event, body);
/** What a page does that has this element. @type {Record<string, (node: HTMLElement) => unknown>} */
const parts = {
  '#reports': async (list) => (await import('./queue.js')).liveQueue({ list, line, ask, say, getPage }),
  '#figures': async (figures) => (await import('./figures.js')).liveFigures({ figures, line, ask }),
  '#entries': async (list) => (await import('./log.js')).liveLog({ list, line, getPage }),
  'form#rule': async (form) => (await import('./rule.js')).tryRule({ form: /** @type {HTMLFormElement} */ (form), ask }),
  'form[action="/admin/members"]': async (form) => (await import('./members.js')).findMembers({ form: /** @type {HTMLFormElement} */ (form), say, getPage }),
};

queueBadge(line);
await Promise.all(Object.entries(parts).map(([selector, begin]) => {
  const node = /** @type {HTMLElement | null} */ (main.querySelector(selector));
  return node && begin(node);
}));
connection.start();
