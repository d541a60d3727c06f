/** @import {Line} from './line.js' */
/** @import {GetPage} from './page.js' */
import { counted } from './words.js';
import { newsLine } from './page.js';

/**
 * Tells of new entries above the audit log, where its first page is looked at whole.
 * @param {{list: HTMLElement, line: Pick<Line, 'on'>, getPage: GetPage}} host
 */
export function liveLog({ list, line, getPage }) {
  if (location.search) return;
  let n = 0;
  const news = newsLine(list, (n) => counted(n, 'new act'), async () => {
    const page = await getPage(location.pathname);
    if (!page) return;
    const fresh = [...page.querySelectorAll('[data-entry]')].filter(({ id }) => !document.getElementById(id));
    list.prepend(...fresh);
    n = 0;
    news.show(n);
    list.querySelector('summary')?.focus();
  });
  line.on('audit', () => news.show(++n));
}
