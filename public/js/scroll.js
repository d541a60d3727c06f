/** This close to the end counts as being there, px. */
const NEAR = 100;

/**
 * The view onto the list. Without script the scroller is reversed, so that the page opens at its end; here it is
 * turned round and the end is kept by hand. All changes of the list go through keep.
 */
export class Scroller {
  #stuck = true;

  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} content its only child
   * @param {HTMLElement} list whose children are the rows
   * @param {() => void} onMove after any change of position
   */
  constructor(scroller, content, list, onMove) {
    this.scroller = scroller;
    this.list = list;
    scroller.classList.add('is-scripted');
    this.toEnd();
    scroller.addEventListener('scroll', () => {
      this.#stuck = this.atEnd;
      onMove();
    }, { passive: true });
    // Late growth (fonts, pictures, the keyboard) must not lose the end.
    const observer = new ResizeObserver(() => {
      if (this.#stuck) this.toEnd();
    });
    observer.observe(content);
    observer.observe(scroller);
  }

  get atEnd() {
    return this.below < NEAR;
  }

  /** Pixels of the list above the view. */
  get above() {
    return this.scroller.scrollTop;
  }

  /** Pixels of the list below the view. */
  get below() {
    const { scrollHeight, clientHeight, scrollTop } = this.scroller;
    return scrollHeight - clientHeight - scrollTop;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#stuck = true;
  }

  /** @param {Element} row */
  toMiddle(row) {
    row.scrollIntoView({ block: 'center' });
    this.#stuck = this.atEnd;
  }

  /**
   * Changes the list and keeps what is in view where it is; at the end, stays at the end.
   * @param {() => void} change
   */
  keep(change) {
    const anchor = this.#stuck ? null : this.#firstInView();
    // By its lower edge: joined to a group by the row above it, it loses its head.
    const before = anchor?.getBoundingClientRect().bottom ?? 0;
    change();
    if (this.#stuck) this.toEnd();
    else if (anchor?.isConnected) this.scroller.scrollTop += anchor.getBoundingClientRect().bottom - before;
  }

  /** The last row that is wholly or partly in view. */
  lastInView() {
    const end = this.scroller.getBoundingClientRect().bottom;
    const rows = this.list.children;
    for (let i = rows.length - 1; i >= 0; i--) {
      if (rows[i].getBoundingClientRect().top < end) return rows[i];
    }
    return null;
  }

  /** Only messages: a day's heading goes to the top of its day when older ones come. */
  #firstInView() {
    const start = this.scroller.getBoundingClientRect().top;
    const rows = this.list.querySelectorAll('.message');
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle].getBoundingClientRect().bottom > start) high = middle;
      else low = middle + 1;
    }
    return rows[low] ?? null;
  }
}
