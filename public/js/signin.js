/** @import {User} from './types.js' */

/**
 * Follows a request of the sign-in page to the page that it ends on.
 * @param {RequestInit} [options]
 */
async function login(options) {
  const response = await fetch('/login', options);
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const chat = /** @type {HTMLElement | null} */ (page.querySelector('#chat'));
  return {
    page,
    inside: response.ok && new URL(response.url).pathname !== '/login',
    id: chat?.dataset.userId,
    name: chat?.dataset.userName ?? 'somebody else',
  };
}

/** The forms of this page are bound to the session that was. @param {Document} page of the new one */
function renew(page) {
  const csrf = /** @type {HTMLInputElement | null} */ (page.querySelector('input[name="_csrf"]'))?.value ?? '';
  const templates = /** @type {HTMLTemplateElement[]} */ ([...document.querySelectorAll('template')]);
  for (const root of [document, ...templates.map(({ content }) => content)]) {
    for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll('input[name="_csrf"]'))) input.value = csrf;
  }
}

/**
 * @param {string} kind of element
 * @param {string} name its class
 * @param {string} words
 */
function node(kind, name, words) {
  const made = document.createElement(kind);
  made.className = name;
  made.textContent = words;
  return made;
}

/**
 * Asks for name and password where the reader is, so that nothing they have written goes: the form of the sign-in
 * page, in a dialog.
 * @param {object} host
 * @param {User} host.user who was signed in
 * @param {() => void} host.onSignedIn the same person is back
 */
export async function signInAgain({ user, onSignedIn }) {
  const dialog = /** @type {HTMLDialogElement} */ (node('dialog', 'dialog', ''));
  const title = node('h2', 'dialog__title', 'Sign in again');
  title.id = 'sign-in-title';
  dialog.setAttribute('aria-labelledby', title.id);
  dialog.addEventListener('close', () => dialog.remove());

  /** @param {string} words @param {...Node} rest */
  const fill = (words, ...rest) => {
    const later = node('button', 'button button--quiet button--wide', 'Not now');
    later.onclick = () => dialog.close();
    dialog.replaceChildren(title, node('p', 'dialog__text', words), ...rest, later);
    if (!dialog.isConnected) document.body.append(dialog);
    if (!dialog.open) dialog.showModal();
  };

  /** @param {Awaited<ReturnType<typeof login>>} answer */
  function show({ page, inside, id, name }) {
    if (inside && id === user.id) {
      renew(page);
      dialog.close();
      onSignedIn();
    } else if (inside) {
      // What stands on this page is the other person's.
      title.textContent = `You are signed in as ${name}`;
      const load = document.createElement('a');
      load.className = 'button button--wide';
      load.href = '/';
      load.textContent = 'Load the page';
      fill(`This page still shows what ${user.name} sees. It has to be loaded anew.`, load);
      load.focus();
    } else {
      const form = page.querySelector('form');
      const alert = page.querySelector('.alert');
      if (!form) return fail(page.querySelector('h1')?.textContent ?? '');
      adopt(form);
      fill('Your session has ended. What you have written stays where it is.', ...(alert ? [alert] : []), form);
      /** @type {HTMLInputElement} */ (form.elements.namedItem('password')).focus();
    }
  }

  /** @param {string} words */
  const fail = (words) => {
    const again = node('button', 'button button--wide', 'Try again');
    again.onclick = () => ask();
    fill(words || 'The server does not answer. Try again when you are connected.', again);
  };

  /** @param {HTMLFormElement} form of the page that was fetched */
  function adopt(form) {
    const name = /** @type {HTMLInputElement} */ (form.elements.namedItem('username'));
    name.value ||= user.name;
    form.querySelectorAll('.needs-script').forEach((part) => part.remove());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const body = new URLSearchParams();
      for (const [field, value] of new FormData(form)) body.set(field, String(value));
      ask({ method: 'POST', body });
    });
  }

  /** @param {RequestInit} [options] */
  const ask = (options) => login(options).then(show, () => fail(''));
  await ask();
}
