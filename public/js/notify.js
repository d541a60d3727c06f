/** @import {Message} from './types.js' */
/** @import {Rooms} from './rooms.js' */
/** @import {Store} from './storage.js' */
import { showKey, soundKey } from './storage.js';
import { oneVoice } from './voice.js';

/** @param {Store} store */
export function preferences(store) {
  const able = 'Notification' in globalThis;
  return {
    get able() { return able; },
    /** The browser has refused, and asks no more. */
    get denied() { return able && Notification.permission === 'denied'; },
    get shows() { return able && Notification.permission === 'granted' && store.get(showKey) !== 'off'; },
    get sounds() { return store.get(soundKey) === 'on'; },
    /**
     * To be called from a click: browsers ask then, and only then.
     * @param {boolean} on
     */
    async show(on) {
      if (on && able && Notification.permission === 'default') await Notification.requestPermission();
      store.set(showKey, on ? 'on' : 'off');
    },
    /** @param {boolean} on */
    sound(on) { store.set(soundKey, on ? 'on' : 'off'); },
  };
}

/**
 * Tells the reader what is said to them while they look at no page of the site.
 * @param {object} host
 * @param {string} host.me
 * @param {Rooms} host.rooms
 * @param {ReturnType<typeof preferences>} host.wants
 * @param {string} host.name of the voice that the pages of this kind share
 * @param {(event: string, body: object) => Promise<any>} host.request
 * @param {(room: string, seq: number) => void} host.open shows a message
 * @param {string} host.icon
 */
export function notifier({ me, rooms, wants, name, request, open, icon }) {
  const voice = oneVoice(name);

  /** @param {string} room @param {number} seq @param {string} who @param {string} text */
  async function tell(room, seq, who, text) {
    if (!(wants.shows || wants.sounds) || !(await voice.speaks())) return;
    if (wants.sounds) (await import('./sound.js')).chime();
    if (!wants.shows) return;
    try {
      // One for each room: the next takes the place of the one before.
      const note = new Notification(`${who} in ${rooms.get(room)?.name ?? room}`, { body: text, tag: `roomline/${room}`, icon, silent: true });
      note.addEventListener('click', () => {
        note.close();
        window.focus();
        open(room, seq);
      });
    } catch {
      // Some browsers on phones have them, but not for pages.
    }
  }

  /** @param {Message} message in a room of which the reader wants to hear everything */
  const every = (message) => {
    const { room, seq, author, text, deletedAt, mentions } = message;
    // Who is mentioned hears of it as that.
    if (deletedAt || author.id === me || mentions?.some(({ id }) => id === me)) return;
    if (rooms.get(room)?.level === 'all') tell(room, seq, author.name, text ?? '');
  };

  return {
    /** @param {{room: string, seq: number, from: {name: string}, text: string}} event */
    mention: ({ room, seq, from, text }) => tell(room, seq, from.name, text),
    every,
    /** @param {{room: string, latest: number}} event somewhere the page does not follow */
    async activity({ room, latest }) {
      if (rooms.get(room)?.level !== 'all' || !(wants.shows || wants.sounds) || !(await voice.speaks())) return;
      const answer = await request('message:get', { room, seqs: [latest] }).catch(() => null);
      if (answer?.ok) answer.messages.forEach(every);
    },
  };
}
