/** @import {Message, User} from '../types.js' */
/** @import {Member} from './types.js' */
import { counted, span } from './words.js';

/**
 * @typedef {'delete' | 'restore' | 'mute' | 'unmute' | 'ban' | 'unban' | 'purge' | 'bring-back'} Choice
 * @typedef {{reason: string, minutes: number, purge: boolean}} Fields  minutes 0: until it is lifted
 */

const ranks = ['member', 'moderator', 'owner'];

/** @param {User} me @param {User} other @returns {boolean} whether the first may act on the second */
export function outranks(me, other) {
  return me.id !== other.id && Boolean(other.id) && ranks.indexOf(me.role ?? '') > ranks.indexOf(other.role ?? 'member');
}

/**
 * What can be done about a message and its author, or a member alone; nothing about one's own and one's equals'.
 * @param {object} about
 * @param {User} about.me
 * @param {User} about.author
 * @param {Message} [about.message]
 * @param {Member} [about.member] as far as it is known
 * @param {number} [about.purged] messages that a purge took down
 * @returns {Choice[]}
 */
export function choicesOf({ me, author, message, member, purged = 0 }) {
  if (!outranks(me, author)) return [];
  /** @type {Choice[]} */
  const list = [];
  if (message && !message.deletedAt) list.push('delete');
  // What its author deleted is theirs.
  if (message?.deletedAt && message.deletedBy !== author.id) list.push('restore');
  list.push('mute');
  if (member?.mute) list.push('unmute');
  list.push('ban');
  if (member?.ban) list.push('unban');
  if (!message) list.push('purge');
  if (purged) list.push('bring-back');
  return list;
}

/**
 * The question that does it.
 * @param {Choice} choice
 * @param {Fields} fields
 * @param {{user: string, room: string, seq?: number}} about
 * @returns {[string, object]} event and body
 */
export function requestOf(choice, { reason, minutes, purge }, { user, room, seq }) {
  const timed = minutes ? { user, minutes, reason } : { user, reason };
  switch (choice) {
    case 'delete': return ['message:delete', { room, seq, reason }];
    case 'restore': return ['message:restore', { room, seq, reason }];
    case 'mute': return ['member:mute', timed];
    case 'ban': return ['member:ban', purge ? { ...timed, purge } : timed];
    case 'bring-back': return ['member:restore', { user, reason }];
    default: return [`member:${choice}`, { user, reason }];
  }
}

/**
 * What has been done.
 * @param {Choice} choice
 * @param {string} name
 * @param {Fields} fields
 * @param {{messages?: number, purged?: number}} answer
 */
export function doneWords(choice, name, { minutes }, { messages = 0, purged = 0 }) {
  switch (choice) {
    case 'delete': return `The message of ${name} is deleted.`;
    case 'restore': return `The message of ${name} is back.`;
    case 'mute': return `${name} is muted ${span(minutes)}.`;
    case 'unmute': return `${name} is not muted any more.`;
    case 'ban': return `${name} is banned ${span(minutes)}.${purged ? ` ${counted(purged, 'message')} deleted.` : ''}`;
    case 'unban': return `${name} is not banned any more.`;
    case 'purge': return `${counted(messages, 'message')} of ${name} deleted.`;
    case 'bring-back': return `${counted(messages, 'message')} of ${name} brought back.`;
  }
}
