/** @import {Line} from './line.js' */
/** @import {Ask} from './types.js' */
import { clockwork } from '../time.js';

/** Samples that are shown: of five minutes, one every five seconds. */
const KEPT = 60;
/** The box a line is drawn in. */
const WIDTH = 100;
const HEIGHT = 28;

/**
 * @typedef {{at: string, connections: Record<string, number>} & Record<string, any>} Sample
 */

/** @param {number} x */
const whole = (x) => String(Math.round(x));
/** @param {number} x */
const tenth = (x) => x.toFixed(1);
/** @param {number} x */
const millis = (x) => `${tenth(x)} ms`;

/** A number of bytes in a unit that suits it. @param {number} x */
export function octets(x) {
  if (x < 1000) return `${whole(x)} B`;
  for (const unit of ['kB', 'MB']) {
    x /= 1000;
    if (x < 1000) return `${tenth(x)} ${unit}`;
  }
  return `${tenth(x / 1000)} GB`;
}

/** @type {Record<string, (x: number) => string>} how a figure is written, as handlers/live_show.go does */
const WRITTEN = {
  messagesPerSecond: tenth, ackP50: millis, ackP99: millis, outboxBytes: octets, outboxMost: octets, heap: octets, resident: octets,
};

/** @param {Sample} sample @param {string} metric */
export function valueOf(sample, metric) {
  const value = sample[metric] ?? 0;
  return typeof value === 'object' ? Object.values(value).reduce((sum, n) => sum + n, 0) : value;
}

/** The line of a figure, from the least to the most that it was. What never changes is a level line. @param {number[]} values */
export function spark(values) {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const points = values.map((value, i) => {
    const x = values.length > 1 ? WIDTH * i / (values.length - 1) : 0;
    const y = most > least ? 1 + (HEIGHT - 2) * (1 - (value - least) / (most - least)) : HEIGHT / 2;
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  if (values.length === 1) points.push(`${WIDTH},${(HEIGHT / 2).toFixed(1)}`);
  return points.join(' ');
}

/** What a total is made of: "polling 7, websocket 120". @param {Record<string, number>} parts */
export const breakdown = (parts) => Object.keys(parts).sort().map((name) => `${name} ${parts[name]}`).join(', ');

/** What stands behind a figure's range; the server leaves it out while there is nothing to say. @param {HTMLElement} figure */
function about(figure) {
  let node = figure.querySelector('[data-about]');
  if (!node) {
    node = document.createElement('span');
    node.setAttribute('data-about', '');
    figure.querySelector('.figure__range')?.append(' · ', node);
  }
  return node;
}

/**
 * Draws the figures of the live page anew with every sample.
 * @param {{figures: HTMLElement, line: Pick<Line, 'on'>, ask: Ask}} host
 */
export function liveFigures({ figures, line, ask }) {
  const time = clockwork();
  /** @type {Sample[]} */
  let samples = [];

  function draw() {
    const now = samples[samples.length - 1];
    if (!now) return;
    for (const figure of /** @type {NodeListOf<HTMLElement>} */ (figures.querySelectorAll('[data-metric]'))) {
      const { metric = '' } = figure.dataset;
      const write = WRITTEN[metric] ?? whole;
      const values = samples.map((sample) => valueOf(sample, metric));
      /** @param {string} part @param {string} text */
      const put = (part, text) => { /** @type {HTMLElement} */ (figure.querySelector(part)).textContent = text; };
      put('[data-now]', write(values[values.length - 1]));
      put('[data-least]', write(Math.min(...values)));
      put('[data-most]', write(Math.max(...values)));
      if (metric === 'connections') about(figure).textContent = breakdown(now.connections);
      figure.querySelector('polyline')?.setAttribute('points', spark(values));
    }
    const at = /** @type {HTMLTimeElement | null} */ (document.getElementById('live-at'));
    if (!at) return;
    at.dateTime = now.at;
    at.textContent = time.brief(new Date(now.at));
  }

  line.on('connect', async () => {
    const answer = await ask('stats', { watch: true });
    if (!answer.ok) return;
    const { history, ...now } = answer.stats;
    samples = history.length ? history : [now];
    draw();
  });
  line.on('stats', (/** @type {Sample} */ sample) => {
    samples = [...samples, sample].slice(-KEPT);
    draw();
  });
}
