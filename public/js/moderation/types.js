/**
 * What only moderators hear and ask for (see docs/events.md).
 *
 * @import {User} from '../types.js'
 *
 * @typedef {'report' | 'flag' | 'held'} ReportKind  flag: a rule let it pass and told; held: it is nowhere else yet
 * @typedef {'agree-and-delete' | 'agree-and-mute' | 'keep' | 'ignore' | 'approve' | 'reject' | 'reject-and-mute'} Resolution
 *
 * @typedef {object} Report  One message in the queue, in its whole current state.
 * @property {number} id
 * @property {ReportKind} kind
 * @property {'open' | 'resolved'} state
 * @property {string} room  slug
 * @property {number} [seq]  of the message; left out while it is held
 * @property {User} author
 * @property {string} text  as it was when it was first reported
 * @property {number} count  who reported it
 * @property {{user: User, text: string, at: string}[]} reasons  the first of them
 * @property {string} at
 * @property {Resolution} [action]
 * @property {string} [note]
 * @property {User} [resolvedBy]
 * @property {string} [resolvedAt]
 *
 * @typedef {object} Sanction
 * @property {'mute' | 'ban'} kind
 * @property {string} reason
 * @property {User} by
 * @property {string} at
 * @property {string} [until]  left out: until it is lifted
 *
 * @typedef {User & {joinedAt?: string, seenAt?: string, mute?: Sanction, ban?: Sanction, online?: boolean}} Member
 *
 * @typedef {{text: string, at: string}} Revision  A text that a message had.
 *
 * @typedef {{ok: true, [part: string]: any} | {ok: false, error: import('../types.js').Refusal}} Answer
 * @typedef {(event: string, body: object) => Promise<any>} Ask  never rejects; its answer is an Answer
 */
export {};
