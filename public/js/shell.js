/** Everything around the conversation: the rooms at the side, the header, what tells of the rest. Only wiring stands here. */
/** @import {Config, Joined, Message, RoomView, User} from './types.js' */
/** @import {Connection} from './connection.js' */
/** @import {places} from './history.js' */
/** @import {Store} from './storage.js' */
import { titleBadge } from './badge.js';
import { element } from './config.js';
import { peopleToggle, Presence } from './presence.js';
import { roomRail } from './rail.js';
import { Rooms } from './rooms.js';
import { showKey, soundKey } from './storage.js';

/** @typedef {ReturnType<typeof import('./notify.js').notifier>} Teller */

/** What another page of this browser writes when somebody has signed in in place. */
const SIGNED_IN = 'roomline/signed-in';

/** @param {string} id */
const template = (id) => /** @type {HTMLTemplateElement} */ (element(id));

/**
 * What tells of messages while nobody looks. It is loaded where somebody wants that.
 * @param {Store} store
 * @param {(notify: typeof import('./notify.js')) => Teller} make
 */
function lazyTeller(store, make) {
  /** @type {Promise<Teller> | undefined} */
  let teller;
  const permission = () => globalThis.Notification?.permission;
  const load = () => import('./notify.js');
  const watch = () => {
    if (permission() === 'granted' || store.get(soundKey) === 'on') teller ??= load().then(make);
  };
  watch();
  addEventListener('storage', ({ key }) => { if (key === showKey || key === soundKey) watch(); });

  const hint = element('notify-hint');
  hint.addEventListener('click', async (event) => {
    const { answer } = /** @type {HTMLElement} */ (event.target).dataset;
    if (!answer) return;
    await (await load()).preferences(store).show(answer === 'yes');
    hint.hidden = true;
    watch();
  });
  return {
    /** @param {(teller: Teller) => unknown} use */
    tell: (use) => teller?.then(use),
    /** Offers it, once, in the list of rooms. */
    offer() {
      if (permission() === 'default' && store.get(showKey) === null) hint.hidden = false;
    },
  };
}

/**
 * Keeps what stands above the conversation as the room is now.
 * @param {string} named the room, when the page was made
 * @param {(name: string) => void} rename
 */
function roomHeader(named, rename) {
  /** @param {RoomView} view */
  return ({ name, topic = '', notice = '', private: closed = false }) => {
    element('room-topic').textContent = topic;
    element('room-notice').textContent = notice;
    element('room-notice').hidden = !notice;
    element('room-private').hidden = !closed;
    if (name === named) return;
    named = name;
    for (const node of document.querySelectorAll('[data-named]')) node.textContent = name;
    /** @type {HTMLTextAreaElement} */ (element('composer-text')).placeholder = `Write to ${name}`;
    rename(name);
  };
}

/** @param {{config: Config, socket: any, store: Store}} host */
function people({ config, socket, store }) {
  const presence = new Presence({
    me: config.user.id,
    list: element('people-list'),
    more: element('people-more'),
    counts: [element('people-count'), element('people-total')],
    button: element('people-button'),
    template: template('person-template'),
  });
  socket.on('presence', (/** @type {any} */ change) => {
    if (change.room === config.room) presence.change(change);
  });
  peopleToggle({ button: element('people-button'), shell: element('chat'), people: element('people'), store });
  return presence;
}

/**
 * Signs in in place when the session has ended, and comes back when another page of this browser has.
 * @param {{config: Config, connection: Connection, store: Store}} host
 */
function signingIn({ config, connection, store }) {
  addEventListener('storage', ({ key }) => {
    if (key === SIGNED_IN && connection.state.name === 'ended') connection.retry();
  });
  const onSignedIn = () => {
    store.set(SIGNED_IN, String(Date.now()));
    connection.retry();
  };
  return async () => (await import('./signin.js')).signInAgain({ user: config.user, onSignedIn });
}

/**
 * @param {object} host
 * @param {Config} host.config
 * @param {any} host.socket
 * @param {Connection} host.connection
 * @param {Store} host.store
 * @param {(event: string, body: object) => Promise<any>} host.request
 * @param {(view: RoomView) => void} host.onRoom what the room on the page is now
 * @param {(seq: number) => void} host.onReadElsewhere
 * @param {() => void} host.onRemoved the room on the page is none of the reader's any more
 * @param {ReturnType<typeof places>} host.place
 */
export function openShell(host) {
  const { config, store, request, place } = host;
  const { room: current, user, namespace } = config;
  /** @param {string} slug */
  const path = (slug) => (namespace === '/admin' ? '/admin' : `/rooms/${slug}`);
  const rooms = new Rooms(current);
  const badge = titleBadge(document);
  const showHeader = roomHeader(config.roomName, badge.rename);
  const rail = roomRail({ list: element('rail-list'), template: template('rail-template'), button: element('rooms-button'), rooms, path });
  const presence = people(host);
  const teller = lazyTeller(store, ({ notifier, preferences }) => notifier({
    me: user.id,
    rooms,
    wants: preferences(store),
    name: `roomline/voice${namespace}`,
    request,
    open: (slug, seq) => (slug === current ? place.toMessage(seq) : location.assign(`${path(slug)}/${seq}#m${seq}`)),
    icon: element('chat').dataset.icon ?? '',
  }));

  const count = () => badge.count(rooms.count(document.hidden));
  function draw() {
    if (rooms.all.length === 0) return; // nothing is known before hello
    rail.draw();
    count();
    if (rooms.all.some(({ mentions }) => mentions)) teller.offer();
  }
  document.addEventListener('visibilitychange', draw);
  listen(host, rooms, { draw, showHeader, tell: teller.tell });

  element('date').addEventListener('toggle', async () => {
    (await import('./date.js')).dayForm({ toDay: place.toDay });
  }, { once: true });

  return {
    /** The room was joined. @param {Joined} joined */
    joined({ room }) {
      rooms.change(room);
      showHeader(room);
      presence.reset(room.online);
      draw();
    },
    /** @param {Message[]} messages live, in the room on the page @param {Message[]} fresh those of others that are new */
    arrived(messages, fresh) {
      rooms.live(current, messages, user.id);
      count();
      teller.tell((to) => fresh.forEach(to.every));
    },
    /** The reader has read here. @param {number} seq @param {number} unread @param {number} mentions */
    read(seq, unread, mentions) {
      rooms.read(current, seq, unread, mentions);
      count();
    },
    /** What is unread in the room on the page. */
    counts: () => rooms.get(current) ?? {},
    signIn: signingIn(host),
  };
}

/**
 * Takes what the server tells of the rooms.
 * @param {Parameters<typeof openShell>[0]} host
 * @param {Rooms} rooms
 * @param {object} to
 * @param {() => void} to.draw
 * @param {(view: RoomView) => void} to.showHeader
 * @param {(use: (teller: Teller) => unknown) => void} to.tell
 */
function listen({ config, socket, connection, onRoom, onReadElsewhere, onRemoved }, rooms, { draw, showHeader, tell }) {
  const { room: current, user } = config;
  /** @param {string} event @param {(body: any) => void} take */
  const on = (event, take) => socket.on(event, (/** @type {any} */ body) => {
    take(body);
    draw();
  });
  on('hello', (/** @type {{user: User, rooms: RoomView[]}} */ hello) => {
    // Another page of this browser may have signed somebody else in: nothing of this one is theirs.
    if (hello.user.id !== user.id) return connection.end('other_user');
    rooms.reset(hello.rooms);
  });
  on('room', (/** @type {RoomView} */ view) => {
    const here = view.slug === current;
    if (here && !rooms.get(current)) return location.reload(); // back in a room that was closed to them
    rooms.change(view);
    if (!here) return;
    showHeader(view);
    onRoom(view);
  });
  on('removed', ({ room }) => {
    rooms.remove(room);
    if (room === current) onRemoved();
  });
  on('activity', (event) => {
    if (rooms.counted(event)) tell((to) => to.activity(event));
  });
  on('mention', (event) => {
    rooms.mentioned(event.room, event.seq);
    tell((to) => to.mention(event));
  });
  on('read', ({ room, seq, unread, mentions }) => {
    rooms.read(room, seq, unread, mentions);
    if (room === current) onReadElsewhere(seq);
  });
}
