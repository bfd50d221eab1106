/** Which cells are chosen, and whether the keyboard belongs to them or to the text of one: pure. */

/** A range is of positions in the text. */
export type Caret = 'start' | 'end' | 'stay' | { readonly from: number; readonly to: number };

export interface Selection {
  /** Keys of cells in the page; `anchor` differs from `active` where several are chosen. */
  readonly active: string | undefined;
  readonly anchor: string | undefined;
  /** Chosen beside the cells from anchor to active. */
  readonly also: readonly string[];
  readonly mode: 'command' | 'edit';
  /** Where the cursor goes when the editor gets the focus by the keyboard. */
  readonly caret: Caret;
  /** Counts wishes for the focus, so that each is fulfilled once. */
  readonly focus: number;
}

export const nothingChosen: Selection = {
  active: undefined,
  anchor: undefined,
  also: [],
  mode: 'command',
  caret: 'stay',
  focus: 0,
};

export const choose = (
  before: Selection,
  key: string | undefined,
  more: { mode?: Selection['mode']; caret?: Caret; extend?: boolean; focus?: boolean } = {},
): Selection => ({
  active: key,
  anchor: more.extend === true ? (before.anchor ?? key) : key,
  also: more.extend === true ? before.also : [],
  mode: more.mode ?? 'command',
  caret: more.caret ?? 'stay',
  focus: more.focus === false ? before.focus : before.focus + 1,
});

/** Adds a cell to those that are chosen, or takes it out of them; one always stays. */
export function toggle(before: Selection, key: string, keys: readonly string[]): Selection {
  const chosen = chosenPositions(before, keys).map((at) => keys[at] ?? '');
  const others = chosen.filter((one) => one !== key);
  const active = chosen.includes(key) ? others.at(-1) : key;
  if (active === undefined) return before;
  const also = others.filter((one) => one !== active);
  return { ...before, active, anchor: active, also, mode: 'command', caret: 'stay', focus: before.focus + 1 };
}

/** Positions of all chosen cells, in ascending order; empty where there is none. */
export function chosenPositions(selection: Selection, keys: readonly string[]): number[] {
  const range = chosenRange(selection, keys);
  if (range === undefined) return [];
  const also = new Set(selection.also);
  return keys.flatMap((key, at) => ((at >= range.first && at <= range.last) || also.has(key) ? [at] : []));
}

/** From the anchor to the active cell as they stand; undefined where there is none. */
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
  if (now.length === 0) return { ...selection, active: undefined, anchor: undefined, also: [] };
  if (selection.active === undefined) return { ...selection, active: now[0], anchor: now[0], also: [] };
  if (now.includes(selection.active)) return selection;
  const place = before.indexOf(selection.active);
  const still = new Set(now);
  const next =
    before.slice(place).find((key) => still.has(key)) ??
    before.slice(0, Math.max(place, 0)).findLast((key) => still.has(key)) ??
    now[0];
  return { ...selection, active: next, anchor: next, also: [], mode: 'command' };
}
