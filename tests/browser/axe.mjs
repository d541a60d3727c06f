// How a page is looked at: on the desk and on a phone, light and dark, and in the judgement of axe.

import assert from 'node:assert/strict';
import axe from 'axe-core';

const sizes = { desk: [1440, 900], phone: [390, 844] };

/** Brings a page into each view, and calls look() there with the view's name. */
export async function inEveryView(page, look) {
  for (const [size, [width, height]] of Object.entries(sizes)) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await look(`${size}-${colorScheme}`);
    }
  }
}

/**
 * Fails if a page is wider than its window, or if axe has something against it, or against a part of it. What
 * is dark has been seen light: only what depends on colours is looked at again.
 */
export async function accessible(page, name, part = 'html') {
  if (!await page.evaluate(() => Boolean(window.axe))) await page.evaluate(axe.source);
  const { wide, violations, passes } = await page.evaluate(async (part) => {
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    const options = { resultTypes: ['violations'], ...(dark && { runOnly: ['color-contrast', 'link-in-text-block'] }) };
    const found = await window.axe.run(document.querySelector(part), options);
    return { ...found, wide: document.documentElement.scrollWidth - innerWidth };
  }, part);
  assert.ok(passes.length > 0, `${name}: axe looked at something`);
  assert.ok(wide <= 0, `${name} is ${wide} px wider than the window`);
  const offences = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
  assert.deepEqual(offences, [], name);
}
