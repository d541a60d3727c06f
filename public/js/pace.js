/** Units of a pause, in seconds, the largest first. */
const UNITS = /** @type {const} */ ([[86_400, 'day'], [3600, 'hour'], [60, 'minute'], [1, 'second']]);

/**
 * A number of seconds in the largest unit that it is whole in. It has a twin on the server (handlers/words.go).
 * @param {number} seconds
 */
export function pauseWords(seconds) {
  const [size, unit] = UNITS.find(([size]) => seconds >= size && seconds % size === 0) ?? UNITS[3];
  const count = seconds / size;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/**
 * Counts down to when the next message may be sent.
 */
export class Pace {
  #until = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {(seconds: number) => void} show what is left
   * @param {() => number} [now]
   */
  constructor(show, now = Date.now) {
    this.show = show;
    this.now = now;
  }

  /** @param {number} ms from now on; a longer wait that is under way goes on */
  wait(ms) {
    this.#until = Math.max(this.#until, this.now() + ms);
    this.#tick();
  }

  /** @param {number} ms from now on at the most: nobody waits longer than the room asks for, 0 for not at all */
  atMost(ms) {
    this.#until = Math.min(this.#until, this.now() + ms);
    this.#tick();
  }

  #tick() {
    clearTimeout(this.#timer);
    const left = Math.max(0, this.#until - this.now());
    this.show(Math.ceil(left / 1000));
    if (left > 0) this.#timer = setTimeout(() => this.#tick(), left % 1000 || 1000);
  }
}
