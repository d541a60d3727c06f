/** @import {Message, Reaction, User} from './types.js' */

const WORDS = {
  noAnswer: 'The server did not answer. Try again when you are connected.',
  /** @param {string} why */
  notReacted: (why) => `Not reacted. ${why}`,
};

/**
 * Reactions as they will be when what the reader wishes is done.
 * @param {Reaction[]} reactions
 * @param {Map<string, {on: boolean}>} wishes by emoji
 * @param {User} me
 * @returns {Reaction[]}
 */
export function wished(reactions, wishes, me) {
  const emoji = new Set([...reactions.map((reaction) => reaction.emoji), ...wishes.keys()]);
  return [...emoji].map((one) => {
    const users = reactions.find((reaction) => reaction.emoji === one)?.users ?? [];
    const own = users.some(({ id }) => id === me.id);
    const on = wishes.get(one)?.on ?? own;
    if (on === own) return { emoji: one, users };
    return { emoji: one, users: on ? [...users, me] : users.filter(({ id }) => id !== me.id) };
  }).filter(({ users }) => users.length > 0);
}

/**
 * Sets and takes away the reader's reactions: seen at once, undone if the server refuses.
 */
export class Reactions {
  /** @type {Map<number, Map<string, {on: boolean}>>} by seq: what is on its way */
  #wishes = new Map();

  /**
   * @param {object} host
   * @param {User} host.me
   * @param {(event: string, body: object) => Promise<any>} host.request adds the room
   * @param {(seq: number) => void} host.onWish the reactions of this message are to be drawn
   * @param {(message: Message) => void} host.onChanged the server's answer
   * @param {(words: string) => void} host.onTrouble
   * @param {{noAnswer: string, notReacted: (why: string) => string}} [host.words]
   */
  constructor(host) {
    this.host = host;
  }

  /** @param {Message} message @returns {Reaction[]} */
  of({ seq, reactions = [], deletedAt }) {
    const wishes = this.#wishes.get(seq);
    if (deletedAt) return [];
    return wishes ? wished(reactions, wishes, this.host.me) : reactions;
  }

  /**
   * @param {Message} message
   * @param {string} emoji
   */
  async toggle(message, emoji) {
    const { me, request, onWish, onChanged, onTrouble, words = WORDS } = this.host;
    const { seq } = message;
    const users = this.of(message).find((reaction) => reaction.emoji === emoji)?.users ?? [];
    const wish = { on: !users.some(({ id }) => id === me.id) };
    const wishes = this.#wishes.get(seq) ?? new Map();
    this.#wishes.set(seq, wishes.set(emoji, wish));
    onWish(seq);
    let trouble = '';
    try {
      const answer = await request('message:react', { seq, emoji, on: wish.on });
      if (answer.ok) onChanged(answer.message);
      else trouble = answer.error.message;
    } catch {
      trouble = words.noAnswer;
    }
    // Pressed again meanwhile, it is the later wish that counts.
    if (wishes.get(emoji) === wish) wishes.delete(emoji);
    if (wishes.size === 0 && this.#wishes.get(seq) === wishes) this.#wishes.delete(seq);
    if (trouble) onTrouble(words.notReacted(trouble));
    onWish(seq);
  }
}
