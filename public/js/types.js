/**
 * The shapes that travel (see docs/events.md) and those the modules hand to each other.
 *
 * @typedef {'member' | 'moderator' | 'owner'} Role
 * @typedef {'all' | 'mentions' | 'none'} Level  what a reader wants to be told of a room
 * @typedef {{id: string, name: string, role?: Role, avatar?: string}} User
 *
 * @typedef {object} Message  A message in its whole current state; what is empty is left out.
 * @property {string} room
 * @property {number} seq  its place in the room
 * @property {number} rev  its latest change
 * @property {string} id  client message id, unique per author only
 * @property {string} kind
 * @property {User} author
 * @property {string} [text]
 * @property {string} [html]  what is shown instead of text, sanitised by the server
 * @property {boolean} [emojiOnly]  the text is a few emoji and nothing else
 * @property {number} [replyTo]  seq of the message it answers
 * @property {User[]} [mentions]
 * @property {Reaction[]} [reactions]
 * @property {string} sentAt
 * @property {string} [editedAt]
 * @property {string} [deletedAt]
 * @property {string} [deletedBy]  user id
 * @property {import('./moderation/types.js').Report} [report]  of kind report, for moderators
 *
 * @typedef {{emoji: string, users: User[]}} Reaction  One emoji at a message, and who set it.
 *
 * @typedef {object} RoomView  A room as the reader sees it.
 * @property {string} slug
 * @property {string} name
 * @property {string} [topic]
 * @property {string} [notice]  a line for everybody
 * @property {boolean} [private]
 * @property {boolean} [unlisted]  in no list
 * @property {string} epoch
 * @property {number} head
 * @property {number} [posts]  messages ever posted
 * @property {boolean} [frozen]
 * @property {number} [slowMode]  seconds a member waits between two messages
 * @property {number} [wait]  seconds that the reader still has to wait for it
 * @property {number} [lastRead]
 * @property {number} [unread]
 * @property {number} [mentions]  of the unread, those of the reader
 * @property {number} [firstUnread]  seq of the first unread message, also beyond the page
 * @property {number} [firstMention]
 * @property {Level} [level]
 * @property {boolean} [manage]  the reader may change it
 * @property {{count: number, users: User[]}} [online]
 *
 * @typedef {{messages: Message[], hasOlder?: boolean, hasNewer?: boolean}} Page
 * @typedef {{code: string, message: string, retryAfter?: number}} Refusal
 * @typedef {{ok: true, room: RoomView, messages: Message[], hasOlder: boolean, reset?: {reason: string}, held?: Held[]}} Joined
 *
 * @typedef {object} Sanction  What keeps the reader from writing (a mute) or from everything (a ban).
 * @property {'mute' | 'ban'} kind
 * @property {string} [until]  left out: until a moderator lifts it
 * @property {string} [reason]
 * @property {boolean} [lifted]  it is over
 *
 * @typedef {object} Held  A message of the reader's own that a moderator decides on.
 * @property {string} room
 * @property {string} id  client message id
 * @property {string} [text]
 * @property {'waiting' | 'approved' | 'rejected'} state
 * @property {string} at
 * @property {string} [reason]  why it was rejected
 *
 * @typedef {object} Pending  A message on its way.
 * @property {string} id
 * @property {string} text
 * @property {number} [replyTo]  seq of the message it answers
 * @property {number} at  when it was written, ms; strictly ascending within a tab
 * @property {boolean} [failed]  the server was asked and did not answer
 * @property {number} [since]  when this page began to try, ms
 * @property {number} [until]  when it may be tried again, ms
 * @property {Status} [status]  it is not on its way any more: what became of it
 *
 * @typedef {object} Status  What stands below a message that is not in the room yet.
 * @property {string} words
 * @property {boolean} failed
 * @property {'waiting' | 'over'} [held]  for review, or the review is over
 *
 * @typedef {object} Config  What the server wrote on the page.
 * @property {string} namespace
 * @property {string} socketPath
 * @property {string} roomPath
 * @property {string} room
 * @property {string} roomName
 * @property {string} epoch
 * @property {number} head
 * @property {number} lastRead
 * @property {User} user
 * @property {number} slowMode
 * @property {number} wait  seconds until slow mode lets the reader write
 * @property {boolean} frozen
 * @property {Sanction} [mute]
 * @property {number} textLength  0 for no limit
 * @property {boolean} hasOlder
 * @property {boolean} hasNewer
 * @property {number} focus  seq the page is about, 0 for the latest
 */
export {};
