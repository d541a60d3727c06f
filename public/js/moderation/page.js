import { localTimes } from '../localtimes.js';

/**
 * A page of the site, as the server makes it now: what changes on a page is taken from there, so that all markup is
 * the server's.
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<Document | null>} null: it cannot be had now
 */
export async function getPage(path, signal) {
  try {
    const answer = await fetch(path, { signal, headers: { accept: 'text/html' } });
    if (!answer.ok || answer.redirected) return null;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    localTimes(page);
    return page;
  } catch {
    return null;
  }
}

/** @typedef {typeof getPage} GetPage */

/**
 * A line above a list that tells of what is new, and brings it when it is asked to. Nothing moves before.
 * @param {HTMLElement} list
 * @param {(n: number) => string} words
 * @param {() => void} load
 */
export function newsLine(list, words, load) {
  const line = document.createElement('p');
  line.className = 'mod__news';
  line.setAttribute('role', 'status');
  const button = document.createElement('button');
  button.className = 'mod__new';
  button.type = 'button';
  button.addEventListener('click', load);
  list.before(line);
  return {
    /** @param {number} n */
    show(n) {
      button.textContent = words(n);
      if (n) line.append(button);
      else button.remove();
    },
  };
}
