/** @import {Message, User} from '../types.js' */
/** @import {Clockwork} from '../time.js' */
/** @import {Choice} from './choices.js' */
/** @import {Sheet, Way} from './sheet.js' */
/** @import {Ask, Member, Revision} from './types.js' */
import { element } from '../config.js';
import { choicesOf, doneWords, requestOf } from './choices.js';
import { counted, sanctionWords } from './words.js';

/** @type {Record<Choice, Way>} */
const WAYS = {
  delete: { label: 'Delete the message', yes: 'Delete message', danger: true },
  restore: { label: 'Bring the message back', yes: 'Bring back' },
  mute: { label: 'Mute', hint: 'They can read and not write', yes: 'Mute', danger: true, span: 60 },
  unmute: { label: 'Lift the mute', yes: 'Lift mute' },
  ban: { label: 'Ban', hint: 'They are signed out everywhere and cannot come back', yes: 'Ban', danger: true, span: 0, purge: true },
  unban: { label: 'Lift the ban', yes: 'Lift ban' },
  purge: { label: 'Delete all their messages', hint: 'They can be brought back together', yes: 'Delete all', danger: true },
  'bring-back': { label: 'Bring back what was deleted together', yes: 'Bring back' },
};

/**
 * What a moderator can do about a message and its author, or about a member alone.
 * @param {object} host
 * @param {Sheet} host.sheet
 * @param {Ask} host.ask
 * @param {User} host.me
 * @param {string} host.room slug
 * @param {Clockwork} host.time
 * @param {(words: string) => void} host.say what was done
 * @param {(message: Message) => void} [host.onChanged]
 */
export function memberActs({ sheet, ask, me, room, time, say, onChanged }) {
  let turn = 0;

  /** @param {{author: User, message?: Message, member?: Member, purged?: number}} known */
  const waysOf = (known) => {
    const choices = choicesOf({ me, ...known });
    return Object.fromEntries(choices.map((choice) => {
      const way = WAYS[choice];
      if (choice === 'bring-back') return [choice, { ...way, label: `Bring back ${counted(known.purged ?? 0, 'deleted message')}` }];
      if (choice === 'mute' && known.member?.mute) return [choice, { ...way, hint: 'In place of the mute that is in force' }];
      return [choice, way];
    }));
  };

  /** @param {Member} member */
  function showSanctions({ mute, ban }) {
    element('acts-sanctions').replaceChildren(...[ban, mute].flatMap((sanction) => {
      if (!sanction) return [];
      const item = document.createElement('li');
      item.textContent = sanctionWords(sanction, time);
      return [item];
    }));
  }

  /** @param {Message} message @param {string} text as it is, or before it was deleted @param {Revision[]} revisions */
  function showOriginal(message, text, revisions) {
    const quote = element('acts-quote');
    quote.textContent = text;
    quote.classList.toggle('is-gone', Boolean(message.deletedAt));
    element('acts-before').hidden = revisions.length === 0;
    element('acts-texts').replaceChildren(...revisions.map((revision) => {
      const item = document.createElement('li');
      const at = document.createElement('time');
      at.dateTime = revision.at;
      at.textContent = time.brief(new Date(revision.at));
      const said = document.createElement('span');
      said.dir = 'auto';
      said.textContent = revision.text;
      item.append(at, said);
      return item;
    }));
  }

  /** @param {{author: User, message?: Message, back?: () => void}} about back: puts the focus somewhere if what had it is gone */
  async function open({ author, message, back }) {
    const mine = ++turn;
    /** @type {Parameters<typeof waysOf>[0]} */
    const known = { author, message };
    const current = () => mine === turn && sheet.open;
    sheet.show({
      title: author.name,
      who: author,
      about: aboutOf(author, message, time),
      quote: message?.text ?? '',
      page: author.id ? `/admin/members/${encodeURIComponent(author.id)}` : undefined,
      ways: waysOf(known),
      back,
      act: async (choice, fields) => {
        const [event, body] = requestOf(/** @type {Choice} */ (choice), fields, { user: author.id, room, seq: message?.seq });
        const answer = await ask(event, body);
        if (!answer.ok) return answer.error.message;
        if (answer.message) onChanged?.(answer.message);
        say(doneWords(/** @type {Choice} */ (choice), author.name, fields, answer));
        return '';
      },
    });

    const original = message && ask('message:original', { room, seq: message.seq });
    const profile = choicesOf({ me, ...known }).length ? ask('member:get', { user: author.id }) : undefined;
    const said = await original;
    if (!current()) return;
    if (said?.ok && message) {
      known.message = said.message;
      showOriginal(said.message, said.text, said.revisions ?? []);
    }
    const found = await profile;
    if (!current()) return;
    if (found?.ok) {
      known.member = found.member;
      known.purged = found.purged;
      showSanctions(found.member);
    }
    if (found?.ok || said?.ok) sheet.offer(waysOf(known));
    if (said?.ok === false && message?.deletedAt) sheet.trouble(`What it said cannot be shown. ${said.error.message}`);
  }
  return { open };
}

/** @param {User} author @param {Message | undefined} message @param {Clockwork} time */
function aboutOf({ role }, message, time) {
  const words = [];
  if (role && role !== 'member') words.push(`${role[0].toUpperCase()}${role.slice(1)}`);
  if (message) words.push(`${message.deletedAt ? 'Deleted message' : message.editedAt ? 'Edited message' : 'Message'}, ${time.brief(new Date(message.sentAt))}`);
  return words.join(' · ');
}
