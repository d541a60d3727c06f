/** The account page: how this browser tells its reader of what is said to them. */
import { element } from './config.js';
import { preferences } from './notify.js';
import { openStore } from './storage.js';

const wants = preferences(openStore());
const show = /** @type {HTMLInputElement} */ (element('notify'));
const sound = /** @type {HTMLInputElement} */ (element('sound'));
const words = element('notify-words');

function draw() {
  show.checked = wants.shows;
  show.disabled = !wants.able;
  sound.checked = wants.sounds;
  words.textContent = wants.able ? '' : 'This browser shows none for this site.';
  words.dataset.tone = 'plain';
}

show.addEventListener('change', async () => {
  const wanted = show.checked;
  await wants.show(wanted);
  draw();
  if (!wanted || wants.shows) return;
  words.dataset.tone = 'danger';
  words.textContent = wants.denied
    ? 'Your browser blocks notifications of this site. Allow them in its settings for this site, then try again.'
    : 'Your browser was not allowed to show them.';
});

sound.addEventListener('change', async () => {
  wants.sound(sound.checked);
  if (sound.checked) (await import('./sound.js')).chime();
});

draw();
