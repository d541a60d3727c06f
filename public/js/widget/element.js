/** The element <roomline-chat>: a room, or with no room named all of them, in the page of a host. */
/** @import {Sanction} from '../types.js' */
/** @import {State} from '../connection.js' */
/** @import {HubType} from './hub.js' */
import { hubOf } from './hub.js';
import { make } from './markup.js';
import { RoomPane } from './room.js';
import { BASE } from './socket.js';
import { stringsOf, translator } from './strings.js';

/** @type {Promise<CSSStyleSheet> | undefined} */
let styling;

/** The one style sheet of all elements; a sheet that is made by script breaks no content policy. */
function styles() {
  return styling ??= fetch(new URL('./widget.css', import.meta.url))
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(String(answer.status)))))
    .then((text) => new CSSStyleSheet().replace(text))
    .catch((error) => {
      styling = undefined; // tried again with the next element
      throw error;
    });
}

class RoomlineChat extends HTMLElement {
  static observedAttributes = ['room', 'lang', 'sign-in'];

  /** @type {Record<string, string>} */
  #strings = {};
  /** @type {Stage | null} */
  #stage = null;
  #turn = 0;
  #due = false;

  constructor() {
    super();
    this.attachShadow({ mode: 'open' });
    // What a page set before this script had come.
    if (Object.hasOwn(this, 'strings')) {
      const { strings } = this;
      delete (/** @type {any} */ (this).strings);
      this.strings = strings;
    }
  }

  /** Words instead of the usual ones, by key: see en.js. */
  get strings() {
    return this.#strings;
  }

  set strings(words) {
    this.#strings = { ...words };
    this.#renew();
  }

  connectedCallback() {
    this.#renew();
  }

  disconnectedCallback() {
    this.#end();
  }

  /** @param {string} _name @param {string | null} before @param {string | null} now */
  attributeChangedCallback(_name, before, now) {
    if (before !== now) this.#renew();
  }

  /** Builds it anew, once for all that changes now. */
  #renew() {
    if (this.#due || !this.isConnected) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      if (this.isConnected) this.#begin().catch((error) => console.error(error));
    });
  }

  async #begin() {
    this.#end();
    const turn = this.#turn;
    const hub = hubOf(BASE);
    const [sheet, setup] = await Promise.all([styles(), hub.prepare()]);
    const language = this.closest('[lang]')?.getAttribute('lang') || setup.language || 'en';
    const strings = { ...await stringsOf(language), ...setup.strings, ...this.#strings };
    const room = this.getAttribute('room') ?? '';
    const list = room ? null : await import('./rooms.js');
    if (turn !== this.#turn) return;
    const shadow = /** @type {ShadowRoot} */ (this.shadowRoot);
    shadow.adoptedStyleSheets = [sheet];
    this.#stage = new Stage({
      hub,
      language,
      strings,
      room,
      list,
      signIn: this.getAttribute('sign-in') ?? setup.signIn ?? '',
      theme: setup.theme ?? {},
      emit: (name, detail) => this.dispatchEvent(new CustomEvent(`roomline:${name}`, { detail, bubbles: true, composed: true })),
      onUser: () => this.#renew(),
    });
    shadow.replaceChildren(this.#stage.root);
    this.#stage.enter();
  }

  #end() {
    this.#turn++;
    this.#stage?.close();
    this.#stage = null;
  }
}

/**
 * What stands in an element: a pane, and beside it the rooms if none was named.
 */
class Stage {
  /** @type {RoomPane | null} */
  #pane = null;
  #current = '';
  /** @type {Map<string, string>} what the page was told of a room */
  #told = new Map();

  /**
   * @param {object} host
   * @param {HubType} host.hub
   * @param {string} host.language
   * @param {Record<string, string>} host.strings
   * @param {string} host.room '' for all
   * @param {typeof import('./rooms.js') | null} host.list where there are all
   * @param {string} host.signIn
   * @param {Record<string, string>} host.theme
   * @param {(name: string, detail: object) => void} host.emit
   * @param {() => void} host.onUser
   */
  constructor(host) {
    this.host = host;
    this.onUser = host.onUser;
    this.t = translator(host.strings, host.language);
    this.root = make('div', { className: 'root', lang: host.language });
    for (const [name, value] of Object.entries(host.theme)) this.root.style.setProperty(`--theme-${name}`, value);
    if (!host.list) return;
    this.root.classList.add('is-whole');
    this.rooms = host.list.roomList({ hub: host.hub, t: this.t, choose: (slug) => this.#choose(slug) });
    this.root.append(this.rooms.root);
  }

  enter() {
    const { hub, room } = this.host;
    hub.enter(this);
    this.#open(room);
    this.onRooms();
  }

  close() {
    this.#pane?.close();
    this.host.hub.leave(this);
  }

  /** @param {State} state */
  onState(state) {
    this.#pane?.onState(state);
    this.onRooms();
  }

  /** @param {Sanction | undefined} mute */
  onSanction(mute) {
    this.#pane?.onSanction(mute);
  }

  onRooms() {
    const { hub, room, emit } = this.host;
    if (this.rooms && !this.#current) {
      const last = hub.drafts.get('roomline/room') ?? '';
      const first = hub.listed.has(last) ? last : [...hub.listed][0];
      if (first) this.#open(first);
      this.root.toggleAttribute('data-list', !first && hub.state.name === 'live');
    }
    this.rooms?.draw(this.#current, this.#pane?.dom.back);
    for (const { slug, unread, mentions } of hub.rooms.all) {
      if (room ? slug !== room : !hub.listed.has(slug)) continue;
      const news = `${unread} ${mentions}`;
      if (this.#told.get(slug) === news) continue;
      this.#told.set(slug, news);
      emit('unread', { room: slug, unread, mentions });
    }
  }

  /** @param {string} slug */
  #choose(slug) {
    if (slug !== this.#current) {
      this.host.hub.drafts.set('roomline/room', slug);
      this.#open(slug);
      this.rooms?.draw(slug, this.#pane?.dom.back);
    }
    delete this.root.dataset.list;
    this.#pane?.writing.focus();
  }

  /** @param {string} slug */
  #open(slug) {
    const { t } = this;
    const { hub, strings, language, signIn, emit } = this.host;
    this.#pane?.close();
    this.#current = slug;
    this.#pane = new RoomPane({ hub, room: slug, t, strings, language, signIn, emit, onBack: this.rooms && (() => this.#back()) });
    this.root.append(this.#pane.root);
  }

  /** Where there is room for one of them only, the list in the place of the conversation. */
  #back() {
    this.root.dataset.list = '';
    this.rooms?.focus(this.#current);
  }
}

if (!customElements.get('roomline-chat')) customElements.define('roomline-chat', RoomlineChat);
