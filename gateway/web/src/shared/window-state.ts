/** Which rows of a long list are on the screen, so that only they are drawn: pure. All rows are of one height. */

/** Rows that are drawn beyond the screen on each side, so that nobody scrolls into nothing. */
const BEYOND = 12;

export interface Shown {
  /** The first row that is drawn, and the one behind the last. */
  readonly first: number;
  readonly end: number;
}

/** `above`: how far the list's beginning lies above the screen's upper edge, negative below it; all in pixels. */
export function shownRows(count: number, row: number, above: number, screen: number): Shown {
  if (row <= 0) return { first: 0, end: Math.min(count, BEYOND) };
  const within = (index: number) => Math.min(count, Math.max(0, index));
  const first = within(Math.floor(above / row) - BEYOND);
  return { first, end: Math.max(first, within(Math.ceil((above + screen) / row) + BEYOND)) };
}
