/** Everything around the conversation: the rooms at the side, the header, what tells of the rest. Only wiring stands here. */
/** @import {Config, Joined, Message, RoomView, User} from './types.js' */
/** @import {Connection} from './connection.js' */
/** @import {places} from './places.js' */
/** @import {Store} from './storage.js' */
import { titleBadge } from './badge.js';
import { element } from './config.js';
import { peopleToggle, Presence } from './presence.js';
import { roomRail } from './rail.js';
import { Rooms } from './rooms.js';
import { showKey, soundKey } from './storage.js';

/** What another page of this browser writes when somebody has signed in in place. */
const SIGNED_IN = 'roomline/signed-in';

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
export function openShell({ config, socket, connection, store, request, onRoom, onReadElsewhere, onRemoved, place }) {
  const { room: current, user, namespace } = config;
  const rooms = new Rooms(current);
  const badge = titleBadge(document);
  /** @param {string} slug */
  const path = (slug) => (namespace === '/admin' ? '/admin' : `/rooms/${slug}`);
  /** @param {string} id */
  const template = (id) => /** @type {HTMLTemplateElement} */ (element(id));
  const rail = roomRail({
    list: element('rail-list'),
    template: template('rail-template'),
    rooms,
    path,
  });

  // What tells of messages while nobody looks is loaded where somebody wants that.

  async function load() {
    const { notifier, preferences } = await import('./notify.js');
    return notifier({
      me: user.id,
      rooms,
      wants: preferences(store),
      name: `roomline/voice${namespace}`,
      request,
      open: (slug, seq) => (slug === current ? place.toMessage(seq) : location.assign(`${path(slug)}/${seq}#m${seq}`)),
      icon: element('chat').dataset.icon ?? '',
    });
  }
  /** @type {ReturnType<typeof load> | undefined} */
  let telling;
  const permission = () => globalThis.Notification?.permission;
  const watch = () => {
    if (permission() === 'granted' || store.get(soundKey) === 'on') telling ??= load();
  };
  watch();

  const hint = element('notify-hint');
  hint.addEventListener('click', async (event) => {
    const { answer } = /** @type {HTMLElement} */ (event.target).dataset;
    if (!answer) return;
    await (await import('./notify.js')).preferences(store).show(answer === 'yes');
    hint.hidden = true;
    watch();
  });

  // The rooms, as the server tells of them.

  let named = config.roomName;
  /** @param {RoomView} view of the room on the page */
  function showHeader({ name, topic = '', notice = '', private: closed = false }) {
    element('room-topic').textContent = topic;
    element('room-notice').textContent = notice;
    element('room-notice').hidden = !notice;
    element('room-private').hidden = !closed;
    if (name === named) return;
    named = name;
    for (const node of document.querySelectorAll('[data-named]')) node.textContent = name;
    /** @type {HTMLTextAreaElement} */ (element('composer-text')).placeholder = `Write to ${name}`;
    badge.rename(name);
  }

  function draw() {
    rail.draw();
    badge.count(rooms.count(document.hidden));
    const ask = permission() === 'default' && store.get(showKey) === null;
    if (ask && rooms.all.some(({ mentions }) => mentions)) hint.hidden = false;
  }
  const drawn = (/** @type {(event: any) => void} */ take) => (/** @type {any} */ event) => {
    take(event);
    draw();
  };

  let counting = false;
  async function recount() {
    if (counting) return;
    counting = true;
    const answer = await request('room:list', {}).catch(() => null);
    counting = false;
    if (answer?.ok) rooms.reset(answer.rooms);
    draw();
  }

  socket.on('hello', drawn((/** @type {{user: User, rooms: RoomView[]}} */ hello) => {
    // Another page of this browser may have signed somebody else in: nothing of this one is theirs.
    if (hello.user.id !== user.id) return connection.end('other_user');
    rooms.reset(hello.rooms);
  }));
  socket.on('room', drawn((/** @type {RoomView} */ view) => {
    rooms.change(view);
    if (view.slug !== current) return;
    showHeader(view);
    onRoom(view);
  }));
  socket.on('removed', drawn((/** @type {{room: string}} */ { room }) => {
    rooms.remove(room);
    if (room === current) onRemoved();
  }));
  socket.on('activity', drawn((event) => {
    if (!rooms.posted(event.room, event.posts, event.latest)) recount();
    telling?.then((tell) => tell.activity(event));
  }));
  socket.on('mention', drawn((event) => {
    rooms.mentioned(event.room, event.seq);
    telling?.then((tell) => tell.mention(event));
  }));
  socket.on('read', drawn(({ room, seq, unread }) => {
    rooms.read(room, seq, unread);
    if (room === current) onReadElsewhere(seq);
  }));
  document.addEventListener('visibilitychange', draw);

  element('date').addEventListener('toggle', async () => {
    (await import('./date.js')).dayForm({ toDay: place.toDay });
  }, { once: true });

  const presence = new Presence({
    me: user.id,
    list: element('people-list'),
    more: element('people-more'),
    counts: [element('people-count'), element('people-total')],
    button: element('people-button'),
    template: template('person-template'),
  });
  socket.on('presence', (/** @type {any} */ change) => {
    if (change.room === current) presence.change(change);
  });
  peopleToggle({ button: element('people-button'), shell: element('chat'), people: element('people'), store });

  const back = () => connection.state.name === 'ended' && connection.retry();
  addEventListener('storage', ({ key }) => {
    if (key === SIGNED_IN) back();
    if (key === showKey || key === soundKey) watch();
  });

  return {
    /** The room was joined. @param {Joined} joined */
    joined({ room }) {
      rooms.change(room);
      showHeader(room);
      presence.reset(room.online);
      draw();
    },
    /** @param {Message[]} fresh of others, live, in the room on the page */
    arrived(fresh) {
      rooms.arrived(fresh.length);
      telling?.then((tell) => fresh.forEach(tell.every));
      draw();
    },
    /** The reader has read here. @param {number} seq @param {number} unread */
    read(seq, unread) {
      rooms.read(current, seq, unread);
      draw();
    },
    async signIn() {
      const { signInAgain } = await import('./signin.js');
      signInAgain({
        user,
        onSignedIn: () => {
          store.set(SIGNED_IN, String(Date.now()));
          connection.retry();
        },
      });
    },
  };
}
