/**
 * The server's time, which decides whatever depends on the present. The browser's clock may be wrong by hours; only its
 * distance from the server's is used.
 */
export class ServerClock {
  /** How far the server is ahead of the browser, ms. */
  #ahead = 0;

  /** @param {string | undefined} now the server's time, as it has just arrived */
  set(now) {
    const at = Date.parse(now ?? '');
    if (!Number.isNaN(at)) this.#ahead = at - Date.now();
  }

  /** The server's time, ms since 1970. */
  now() {
    return Date.now() + this.#ahead;
  }
}

/**
 * Times for readers: their own zone, their own habits.
 * @param {object} [where]
 * @param {string} [where.timeZone] for tests; the browser's own otherwise
 * @param {string} [where.locale] of times; the browser's own otherwise
 * @param {string} [where.language] of the names of days
 * @param {string} [where.today]
 * @param {string} [where.yesterday]
 * @param {ServerClock} [where.clock] what time it is now
 */
export function clockwork({ timeZone, locale, language = 'en-GB', today: todayWord = 'Today', yesterday = 'Yesterday', clock: present = new ServerClock() } = {}) {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  const halves = new Intl.DateTimeFormat(locale, { hour: 'numeric' }).resolvedOptions().hour12;
  const clock = new Intl.DateTimeFormat(locale, { timeZone, hour: halves ? 'numeric' : '2-digit', minute: '2-digit' });
  const full = new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'full', timeStyle: 'short' });
  const brief = new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'medium', timeStyle: 'short' });
  const weekday = new Intl.DateTimeFormat(language, { timeZone, weekday: 'long' });
  const date = new Intl.DateTimeFormat(language, { timeZone, day: 'numeric', month: 'long' });
  const dateOfYear = new Intl.DateTimeFormat(language, { timeZone, day: 'numeric', month: 'long', year: 'numeric' });

  /** @param {Date} at YYYY-MM-DD of the reader */
  const dayKey = (at) => day.format(at);

  return {
    dayKey,
    /** The server's time, ms since 1970. */
    now: () => present.now(),
    /** @param {Date} at 14:05, or 2:05 PM */
    // With spaces that may break: the margin beside a grouped message is narrow.
    clock: (at) => clock.format(at).replace(/[\u00a0\u202f]/g, ' '),
    /** @param {Date} at */
    brief: (at) => brief.format(at),
    /** @param {Date} at */
    full: (at) => full.format(at),
    /**
     * Today, Yesterday, Monday, 2 January, and the year when it is another.
     * @param {Date} at
     * @param {Date} [now] the server's time otherwise
     */
    heading: (at, now = new Date(present.now())) => {
      const key = dayKey(at);
      const today = dayKey(now);
      if (key === today) return todayWord;
      // Noon of the key's own calendar, so that no change of clocks skips a day.
      const before = new Date(`${today}T12:00:00Z`);
      before.setUTCDate(before.getUTCDate() - 1);
      if (key === before.toISOString().slice(0, 10)) return yesterday;
      const rest = key.slice(0, 4) === today.slice(0, 4) ? date : dateOfYear;
      return `${weekday.format(at)}, ${rest.format(at)}`;
    },
  };
}

/** @typedef {ReturnType<typeof clockwork>} Clockwork */
