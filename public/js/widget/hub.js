/** @import {RoomView, Sanction, User} from '../types.js' */
/** @import {State} from '../connection.js' */
import { Connection, NoAnswer } from '../connection.js';
import { Rooms } from '../rooms.js';
import { openStore } from '../storage.js';
import { ServerClock } from '../time.js';
import { dial } from './socket.js';
import { Talk } from './talk.js';

/**
 * @typedef {object} Setup  What the server says before there is a connection.
 * @property {User | null} user
 * @property {boolean} guests
 * @property {Record<string, string>} [theme]
 * @property {Record<string, string>} [strings]
 * @property {string} [language]
 * @property {string} [signIn]  address
 *
 * @typedef {object} Client  An element that uses the connection.
 * @property {(state: State) => void} onState
 * @property {() => void} onRooms  what is known of the rooms has changed
 * @property {() => void} onUser  somebody else is signed in now: all begins anew
 * @property {(sanction: Sanction | undefined) => void} onSanction
 */

/** After the last element has gone the connection is kept this long, ms: elements are moved, too. */
const LINGER = 500;
/** Between two attempts to learn who is there, ms. */
const AGAIN = 3000;

/** Nobody's id: messages of the server itself have none. */
export const GUEST = '\u0000guest';

/** @type {Map<string, Hub>} */
const hubs = new Map();

/**
 * The one connection of all elements of a page to a chat.
 * @param {string} base address of the chat, with its last slash
 */
export function hubOf(base) {
  const hub = hubs.get(base) ?? new Hub(base);
  hubs.set(base, hub);
  return hub;
}

class Hub {
  /** @type {Setup | null} */
  setup = null;
  /** @type {User} filled in when it is known more exactly */
  me = { id: GUEST, name: '' };
  /** @type {State} */
  state = { name: 'connecting' };
  rooms = new Rooms('');
  /** @type {Set<string>} slugs of those that stand in lists */
  listed = new Set();
  limits = { textLength: 0, editWindow: 0 };
  clock = new ServerClock();
  /** @type {Sanction | undefined} a mute */
  mute;
  /** @type {Sanction | undefined} */
  ban;
  /** where what is written is kept until it has arrived, and drafts */
  store = openStore();
  drafts = openStore(() => sessionStorage);

  /** @type {Connection | undefined} */
  #connection;
  /** @type {Set<Client>} */
  #clients = new Set();
  /** @type {Map<string, Talk>} */
  #talks = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #leaving;
  #telling = false;
  #opened = false;
  #warned = '';

  /** @param {string} base */
  constructor(base) {
    this.base = base;
  }

  get guest() {
    return this.me.id === GUEST;
  }

  /** @param {Client} client is told from now on, until it leaves */
  enter(client) {
    clearTimeout(this.#leaving);
    this.#clients.add(client);
    if (this.#opened) return;
    this.#opened = true;
    this.#open();
  }

  /** @param {Client} client */
  leave(client) {
    this.#clients.delete(client);
    if (this.#clients.size === 0) this.#leaving = setTimeout(() => this.#close(), LINGER);
  }

  /** Asks who is there, once; it tries until there is an answer. @returns {Promise<Setup>} */
  prepare() {
    return this.#preparing ??= this.#prepare();
  }

  /** @type {Promise<Setup> | undefined} */
  #preparing;

  async #prepare() {
    for (;;) {
      try {
        const answer = await fetch(new URL('widget/config.json', this.base), { credentials: 'include', cache: 'no-store' });
        if (!answer.ok) {
          const { wordsOf } = await import('../refusal.js');
          this.#set({ name: 'connecting', words: wordsOf(await answer.text()) });
          throw new Error(String(answer.status));
        }
        const setup = /** @type {Setup} */ (await answer.json());
        this.setup = setup;
        if (setup.user) Object.assign(this.me, { role: 'member' }, setup.user);
        return setup;
      } catch {
        await new Promise((done) => setTimeout(done, AGAIN));
      }
    }
  }

  /** Tries at once what waits, or what is over: somebody may have signed in. */
  async again() {
    if (!this.#connection && this.state.name === 'closed') {
      this.#opened = true;
      return this.#open();
    }
    if (this.state.name !== 'ended' && this.state.name !== 'refused') return this.#connection?.retry();
    const before = this.setup?.user?.id;
    this.#preparing = undefined;
    const { user } = await this.prepare();
    if (user?.id === before && this.#connection) return this.#connection.retry();
    this.#close();
    for (const client of [...this.#clients]) client.onUser();
  }

  /**
   * @param {string} event
   * @param {object} body
   * @returns {Promise<any>}
   */
  async request(event, body) {
    if (!this.#connection) throw new NoAnswer(event);
    return this.#connection.request(event, body);
  }

  /** @param {string} event @param {object} body */
  tell(event, body) {
    this.#connection?.tell(event, body);
  }

  /**
   * What is said in a room, followed as long as somebody looks.
   * @param {string} room
   */
  talk(room) {
    const talk = this.#talks.get(room) ?? new Talk(this, room, () => this.#talks.delete(room));
    this.#talks.set(room, talk);
    return talk;
  }

  /** What is known of the rooms has changed. */
  changed() {
    if (this.#telling) return;
    this.#telling = true;
    queueMicrotask(() => {
      this.#telling = false;
      for (const client of this.#clients) client.onRooms();
    });
  }

  /**
   * The reader's pointer has moved.
   * @param {string} room @param {number} seq @param {number} unread @param {number} mentions
   */
  read(room, seq, unread, mentions) {
    this.rooms.read(room, seq, unread, mentions);
    this.changed();
  }

  async #open() {
    const { user, guests } = await this.prepare();
    if (!user && !guests) return this.#set({ name: 'ended', reason: 'signed_out' });
    let socket;
    try {
      socket = await dial(this.base, '/general');
    } catch (error) {
      console.error(error);
      this.#opened = false;
      return this.#set({ name: 'closed', reason: 'client' });
    }
    if (this.#connection || !this.#opened) return;
    this.#connection = new Connection(socket, {
      onUp: () => this.#each((talk) => talk.up()),
      onDown: () => this.#each((talk) => talk.down()),
      onState: (state) => this.#set(state),
    });
    this.#listen(socket);
    this.#connection.start();
  }

  #close() {
    this.#connection?.end('left');
    this.#opened = false;
    if (hubs.get(this.base) === this) hubs.delete(this.base);
  }

  /** @param {(talk: Talk) => void} act */
  #each(act) {
    for (const talk of this.#talks.values()) act(talk);
  }

  /** @param {State} state */
  #set(state) {
    this.#warn(state);
    this.state = state;
    this.#each((talk) => talk.changed());
    for (const client of this.#clients) client.onState(state);
  }

  /** Tells the developer of the page, once, why the server lets nobody connect. @param {State} state */
  #warn({ name, words }) {
    if (!words || words === this.#warned || name === 'refused') return;
    this.#warned = words;
    console.warn(`roomline: not connected to ${this.base}: ${words}`);
  }

  /** @param {any} socket */
  #listen(socket) {
    /** @param {string} event @param {(talk: Talk, data: any) => void} act */
    const inRoom = (event, act) => socket.on(event, (/** @type {any} */ data) => {
      const talk = this.#talks.get(data.room);
      if (talk) act(talk, data);
    });
    inRoom('message', (talk, message) => talk.feed.receive(message));
    inRoom('typing', (talk, event) => talk.each((view) => view.onTyping(event)));
    inRoom('presence', (talk, event) => talk.present(event.count));
    inRoom('held', (talk, held) => talk.decided(held));
    socket.on('hello', (/** @type {any} */ hello) => this.#welcome(hello));
    socket.on('room', (/** @type {RoomView} */ view) => {
      if (!view.unlisted) this.listed.add(view.slug);
      this.rooms.change(view);
      this.#talks.get(view.slug)?.update(view);
      this.changed();
    });
    socket.on('removed', (/** @type {{room: string}} */ { room }) => {
      this.listed.delete(room);
      this.rooms.remove(room);
      this.#talks.get(room)?.refuse('removed');
      this.changed();
    });
    socket.on('activity', (/** @type {any} */ counts) => {
      this.rooms.counted(counts);
      this.changed();
    });
    socket.on('read', (/** @type {any} */ { room, seq, unread, mentions }) => {
      this.read(room, seq, unread, mentions);
      this.#talks.get(room)?.each((view) => view.onReadElsewhere(seq));
    });
    socket.on('mention', (/** @type {any} */ { room, seq }) => {
      this.rooms.mentioned(room, seq);
      this.changed();
    });
    socket.on('sanction', (/** @type {Sanction} */ sanction) => {
      if (sanction.kind === 'ban') this.ban = sanction;
      else this.#muted(sanction);
    });
  }

  /** @param {{user: User, rooms: RoomView[], now?: string, limits?: object, sanction?: Sanction}} hello */
  #welcome({ user, rooms, now, limits, sanction }) {
    this.clock.set(now);
    if (user.id) Object.assign(this.me, user);
    Object.assign(this.limits, limits);
    this.#reset(rooms);
    this.#muted(sanction);
  }

  /** @param {RoomView[]} views */
  #reset(views) {
    this.listed = new Set(views.map(({ slug }) => slug));
    this.rooms.reset(views);
    this.#each(({ view }) => { if (view && !this.listed.has(view.slug)) this.rooms.change(view); });
    this.changed();
  }

  /** @param {Sanction | undefined} mute */
  #muted(mute) {
    this.mute = mute;
    for (const client of this.#clients) client.onSanction(mute);
  }
}

/** @typedef {InstanceType<typeof Hub>} HubType */
