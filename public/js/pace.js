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

  /** Nobody has to wait any more. */
  end() {
    this.#until = 0;
    this.#tick();
  }

  #tick() {
    clearTimeout(this.#timer);
    const left = Math.max(0, this.#until - this.now());
    this.show(Math.ceil(left / 1000));
    if (left > 0) this.#timer = setTimeout(() => this.#tick(), left % 1000 || 1000);
  }
}
