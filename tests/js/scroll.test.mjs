import assert from 'node:assert/strict';
import { test } from 'node:test';
import { follow } from '../../public/js/scroll.js';

const middle = { top: 1000, max: 3000, place: 1100, end: false };
const end = { top: 3000, max: 3000, place: 3050, end: true };

for (const [what, then, now, top] of [
  ['growth below moves nothing', middle, { top: 1000, max: 3400, place: 1100 }, 1000],
  ['growth above is followed', middle, { top: 1000, max: 3400, place: 1500 }, 1400],
  ['shrinking above is followed', middle, { top: 1000, max: 2900, place: 1000 }, 900],
  ['a move of the reader in the same moment stays', middle, { top: 700, max: 3400, place: 1500 }, 1100],
  ['a view that the browser pulled up was not moved by the reader', { ...middle, top: 2990 }, { top: 2900, max: 2900, place: 1000 }, 2890],
  ['the end stays the end when the list grows', end, { top: 3000, max: 3400, place: 3050 }, 3400],
  ['the end stays the end when the keyboard comes', end, { top: 3000, max: 3300, place: 3050 }, 3300],
  ['the end stays the end when the list shrinks', end, { top: 2500, max: 2500, place: 2550 }, 2500],
  ['who leaves the end in the same moment is let go', end, { top: 2800, max: 3400, place: 3050 }, 2800],
]) {
  test(`the view: ${what}`, () => {
    assert.equal(follow(then, now), top);
  });
}
