/** The chat page: takes over what the server rendered and keeps it live. Only wiring stands here. */
/** @import {Message, RoomView, Sanction} from './types.js' */
/** @import {State} from './connection.js' */
import { io } from '../vendor/socket.io.esm.min.js';
import { announcer } from './announcer.js';
import { onReturn } from './badge.js';
import { connectionBanner } from './banner.js';
import { rowCommands } from './commands.js';
import { element, readConfig } from './config.js';
import { Connection } from './connection.js';
import { Cursor, Feed } from './feed.js';
import { History, places } from './history.js';
import { rowKeys } from './keys.js';
import { MessageList } from './messages.js';
import { moderated } from './moderated.js';
import { Outbox } from './outbox.js';
import { Quotes } from './quotes.js';
import { ReadMarker } from './read.js';
import { rowPainter } from './row.js';
import { Scroller, jumpButton } from './scroll.js';
import { openShell } from './shell.js';
import { openStore, outboxPrefix } from './storage.js';
import { ServerClock, clockwork } from './time.js';
import { Typing } from './typing.js';
import { unreadBar } from './unread.js';
import { MessageWindow } from './window.js';
import { writing } from './writing.js';

/** A page that was hidden this long asks what it missed, ms. */
const STALE_AFTER = 60_000;

const config = readConfig(element('chat'));
const { room, user } = config;
const store = openStore();
const clock = new ServerClock();
const time = clockwork({ clock });
const held = new MessageWindow();
const cursor = new Cursor(config.epoch, config.head);
const listRoot = element('messages');
const speaker = announcer(element('announcer'));
/** @param {string} id */
const template = (id) => /** @type {HTMLTemplateElement} */ (element(id));

// The connection, and what follows from its state.

const socket = io(config.namespace, {
  path: config.socketPath,
  autoConnect: false,
  reconnectionDelay: 500,
  reconnectionDelayMax: 8000,
});
const connection = new Connection(socket, {
  onUp: () => feed.join(),
  onDown: () => {
    feed.stop();
    outbox.close();
  },
  onState: (state) => {
    if (state.name === 'refused') refused(state);
    else banner.update(state);
    changed();
  },
});
const banner = connectionBanner({
  banner: element('banner'),
  line: element('line'),
  retry: () => connection.retry(),
  signIn: () => shell.signIn(),
});
/** @param {string} event @param {object} body */
const request = (event, body) => connection.request(event, body);
/** @param {string} event @param {object} body */
const ask = (event, body) => request(event, { room, ...body });

// What the page holds, and how it is drawn.

const outbox = new Outbox({
  store,
  prefix: outboxPrefix(user.id, room),
  send: ({ id, text, replyTo }) => ask('message:send', { id, text, replyTo }),
  onChange: () => changed(),
  onSent: (message) => take([message]),
  onRejected: (entry, refusal) => writes.giveBack(entry, refusal),
  onHeld: (...sent) => review.held(...sent),
  onWait: (ms) => writes.wait(ms),
});
const review = moderated({
  config,
  socket,
  store,
  window: held,
  root: listRoot,
  time,
  settle: (id) => outbox.settle(id),
  onMute: (sanction) => writes.setMute(sanction),
  onChange: () => changed(),
  speak: speaker.say,
});
const pending = () => [...outbox.entries, ...review.entries];
const quotes = new Quotes({ window: held, request: ask, onChange: () => changed() });
/** @type {import('./reactions.js').Reactions | undefined} */
let reactions;
/** @param {Message} message as they are shown: with what the reader wishes */
const reactionsOf = (message) => reactions?.of(message) ?? message.reactions ?? [];
/** @param {Message} message @param {string} emoji */
async function react(message, emoji) {
  const { Reactions } = await import('./reactions.js');
  reactions ??= new Reactions({
    me: user,
    request: ask,
    onWish: (seq) => list.react(seq),
    onChanged: (changed) => take([changed]),
    onTrouble: (words) => composer.say(words, 'danger'),
  });
  return reactions.toggle(message, emoji);
}
/** What only moderators have. */
const moderation = user.role === 'member' ? undefined : (await import('./moderation/room.js')).roomModeration({
  config,
  socket,
  time,
  say: (words) => composer.say(words),
  onChanged: (message) => take([message]),
});
const scroller = new Scroller(element('log'), element('log-content'), listRoot, () => moved());
const list = new MessageList({
  root: listRoot,
  older: element('older'),
  beginning: element('beginning'),
  begun: element('begun'),
  empty: element('empty'),
  window: held,
  pending,
  quotes,
  painter: rowPainter({
    template: template('message-template'),
    me: user,
    room,
    roomPath: config.roomPath,
    status: template('status-template'),
    time,
    reactions: reactionsOf,
    cards: moderation?.cards,
  }),
  scroller,
  time,
  me: user.id,
  connection: () => connection.state.name,
  dividerAfter: config.lastRead,
});
const history = new History({ room, window: held, view: scroller, request, onChange: () => changed() });
const jump = jumpButton(element('jump'), element('jump-text'), () => toLatest());
const read = new ReadMarker({ lastRead: config.lastRead, visible: inView, request: ask, onRead: (...state) => shell.read(...state) });
const unread = unreadBar({
  bar: element('unread'),
  unread: element('unread-first'),
  mention: element('unread-mention'),
  clear: element('unread-clear'),
  go: (seq) => place.toMessage(seq),
  onClear: () => {
    read.mark(held.latest);
    moved();
    composer.focus();
  },
});
const place = places({ window: held, list, history, scroller });
const keys = rowKeys(listRoot, () => composer.focus());

let drawing = false;
/** Something the list shows has changed; it is drawn once, after what is going on now. */
function changed() {
  if (drawing) return;
  drawing = true;
  queueMicrotask(() => {
    drawing = false;
    list.draw();
    writes.refresh();
    keys.refresh();
    moved();
  });
}

/** The view has moved. */
function moved() {
  jump.update({ atEnd: scroller.atEnd, hasNewer: held.hasNewer });
  read.look();
  unread.show(shell.counts(), read.reached, inView());
  if (connection.state.name === 'live') history.follow();
}

/** The messages in view, for the read pointer. */
function inView() {
  return held.span(scroller.inView(element('unread').offsetHeight));
}

async function toLatest() {
  if (held.hasNewer && !(await history.latest())) {
    composer.say('The latest messages cannot be loaded now. Try again when you are connected.', 'danger');
  }
  scroller.toEnd();
  moved();
}

/**
 * Takes messages in their current state, and says which were new and somebody else's.
 * @param {Message[]} messages
 */
function take(messages) {
  const fresh = [];
  for (const message of messages) {
    const isNew = message.seq > held.latest;
    if (held.upsert(message) === 'changed') speaker.forget(message.seq);
    if (message.author.id === user.id) {
      outbox.settle(message.id);
      review.settle(message.id);
      if (isNew) writes.sent(message);
    } else if (isNew && !message.deletedAt) fresh.push(message);
    typing.stopped(message.author.id);
  }
  quotes.take(messages);
  held.trim(scroller.atEnd ? 'older' : 'newer');
  if (!scroller.atEnd || held.hasNewer) jump.arrived(fresh.length);
  changed();
  return fresh;
}

// The room's log.

const feed = new Feed({
  room,
  cursor,
  request,
  onChanges: (messages, replay) => {
    const fresh = take(messages);
    if (!replay) shell.arrived(messages, fresh);
    if (!replay) fresh.forEach(speaker.live);
    else if (fresh.length) speaker.replayed(fresh.length);
  },
  onReset: (joined) => {
    writes.stopEditing();
    history.abandon();
    quotes.forget();
    held.forget();
    held.reset(joined);
    scroller.toEnd();
    speaker.say('The conversation was loaded again');
    changed();
  },
  onJoined: (joined) => {
    shell.joined(joined);
    const { firstUnread, head } = joined.room;
    read.moved(firstUnread ? firstUnread - 1 : head);
    unread.joined(joined.room);
    showRoom(joined.room);
    review.joined(joined);
    outbox.open();
    changed();
  },
  onRefused: () => leave('refused'),
});
socket.on('message', (/** @type {Message} */ message) => feed.receive(message));

/** @param {RoomView} view */
function showRoom(view) {
  writes.setRoom(view);
}

/** @param {string} reason why one may be here no more */
function leave(reason) {
  feed.stop();
  outbox.close();
  refused({ name: 'refused', reason });
}

/** @param {State} state in which nothing more can be written */
async function refused(state) {
  element('composer').hidden = true;
  element('chat').dataset.closed = 'refused';
  banner.update(await review.refused(state));
}

// What is around it.

const shell = openShell({
  config,
  socket,
  connection,
  store,
  request,
  onRoom: showRoom,
  onReadElsewhere: (seq) => {
    read.moved(seq);
    // Who looks here has the line where it was when they came.
    if (document.hidden) list.dividerAfter = seq;
    changed();
  },
  onRemoved: () => leave('removed'),
  place,
});

const typing = new Typing({
  line: element('typing'),
  me: user.id,
  tell: (on) => connection.tell('typing', { room, on }),
});
socket.on('typing', (/** @type {any} */ event) => {
  if (event.room === room) typing.heard(event);
});

socket.on('hello', (/** @type {{now?: string, limits?: {editWindow?: number}, sanction?: Sanction}} */ hello) => {
  clock.set(hello.now);
  writes.setLimits(hello.limits ?? {});
  writes.setMute(hello.sanction);
  changed(); // the headings of days follow the server's clock
});

// Writing, and what can be done with what is written.

const writes = writing({
  config,
  store,
  window: held,
  list,
  outbox,
  quotes,
  request: ask,
  onChanged: (message) => take([message]),
  onWriting: (on) => typing.mine(on),
  toLatest,
  speak: speaker.say,
  time,
});
const { composer } = writes;
rowCommands({
  root: listRoot,
  config,
  connection,
  signIn: () => shell.signIn(),
  place,
  window: held,
  outbox,
  pending,
  dismiss: review.settle,
  request: ask,
  react,
  store,
  writing: writes,
  more: moderation?.commands,
});

const signOutForm = /** @type {HTMLFormElement} */ (document.querySelector('form[data-sign-out]'));
signOutForm.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { signOut } = await import('./signout.js');
  signOut(signOutForm, async (text) => (await import('./dialog.js')).confirmed({ title: 'Sign out?', text, yes: 'Sign out' }));
});

// The connection is closed by now; this request outlives the page.
addEventListener('pagehide', () => read.flush((seq) => {
  fetch(`${config.roomPath}/read?seq=${seq}`, { keepalive: true });
}));

onReturn((away) => {
  if (away > STALE_AFTER) {
    list.dividerAfter = read.last; // who comes back enters anew
    if (connection.state.name === 'live') feed.join();
  }
  changed(); // Today may have become Yesterday
});

// Begin.

held.reset({ messages: list.adopt(), hasOlder: config.hasOlder, hasNewer: config.hasNewer });
changed();
if (config.focus) place.mark(config.focus);
connection.start();
