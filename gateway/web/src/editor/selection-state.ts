/** Which cells are chosen, and whether the keyboard belongs to them or to the text of one: pure. */

export interface Selection {
  /** Keys of cells in the page; `anchor` differs from `active` where several are chosen. */
  readonly active: string | undefined;
  readonly anchor: string | undefined;
  readonly mode: 'command' | 'edit';
  /** Where the cursor goes when the editor gets the focus by the keyboard. */
  readonly caret: 'start' | 'end' | 'stay';
  /** Counts wishes for the focus, so that each is fulfilled once. */
  readonly focus: number;
}

export const nothingChosen: Selection = {
  active: undefined,
  anchor: undefined,
  mode: 'command',
  caret: 'stay',
  focus: 0,
};

export const choose = (
  before: Selection,
  key: string | undefined,
  more: { mode?: Selection['mode']; caret?: Selection['caret']; extend?: boolean; focus?: boolean } = {},
): Selection => ({
  active: key,
  anchor: more.extend === true ? (before.anchor ?? key) : key,
  mode: more.mode ?? 'command',
  caret: more.caret ?? 'stay',
  focus: more.focus === false ? before.focus : before.focus + 1,
});

/** The chosen range among the cells as they stand; undefined where there is none. */
export function chosenRange(
  selection: Selection,
  keys: readonly string[],
): { first: number; last: number } | undefined {
  const active = keys.indexOf(selection.active ?? '');
  if (active === -1) return undefined;
  const anchor = keys.indexOf(selection.anchor ?? '');
  const other = anchor === -1 ? active : anchor;
  return { first: Math.min(active, other), last: Math.max(active, other) };
}

/** After cells came and went: a chosen cell that is gone hands over to the one that took its place. */
export function afterCells(selection: Selection, before: readonly string[], now: readonly string[]): Selection {
  if (now.length === 0) return { ...selection, active: undefined, anchor: undefined };
  if (selection.active === undefined) return { ...selection, active: now[0], anchor: now[0] };
  if (now.includes(selection.active)) return selection;
  const place = before.indexOf(selection.active);
  const still = new Set(now);
  const next =
    before.slice(place).find((key) => still.has(key)) ??
    before.slice(0, Math.max(place, 0)).findLast((key) => still.has(key)) ??
    now[0];
  return { ...selection, active: next, anchor: next, mode: 'command' };
}
