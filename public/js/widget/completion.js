/** @import {User} from '../types.js' */
/** @import {RoomPane} from './room.js' */
import { Suggestions } from '../suggest.js';
import { make } from './markup.js';

/**
 * Completes the names of people in the box of a pane.
 * @param {RoomPane} pane
 */
export function completionIn({ dom, me, speaker, t, talk }) {
  const list = make('ul', { className: 'suggest__list', id: 'suggestions', role: 'listbox', 'aria-label': t('suggestions'), hidden: true });
  dom.text.closest('.composer__box')?.before(make('div', 'suggest', list));
  return new Suggestions({
    box: dom.text,
    list,
    people: async (query) => {
      const { users = [] } = await talk.ask('user:find', { query });
      return /** @type {User[]} */ (users).filter(({ id }) => id !== me.id);
    },
    say: (words) => speaker.say(words),
    words: (n) => t('suggested', { n }),
  });
}
