/** What actions do to cells and to what is chosen. */
import {
  emptyCell,
  insertCells,
  mergeCells,
  moveCellsTo,
  type Positions,
  removeCells,
  splitCell,
} from '../document/edits.ts';
import { type CellKind, cellsOf, idOf, kindOf, type PlainCell, plainCell, type YCell } from '../document/schema.ts';
import type { Worksheet } from './worksheet.ts';

/** Copied cells, for all worksheets of this page. */
let clipboard: readonly PlainCell[] = [];

/** What is chosen when an action begins; at least one cell. */
export interface Chosen {
  readonly worksheet: Worksheet;
  readonly positions: Positions;
  readonly first: number;
  readonly last: number;
  /** All cells of the worksheet. */
  readonly cells: readonly YCell[];
  readonly chosen: readonly YCell[];
}

export function chosenNow(worksheet: Worksheet): Chosen | undefined {
  const { positions } = worksheet;
  const first = positions[0];
  const last = positions.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const cells = cellsOf(worksheet.doc).toArray();
  return { worksheet, positions, first, last, cells, chosen: positions.flatMap((at) => cells[at] ?? []) };
}

/** A new cell at this position, chosen; `edit` puts the cursor into it. */
export function insert(worksheet: Worksheet, at: number, kind: CellKind, edit: boolean): void {
  worksheet.chooseCells(insertCells(worksheet.doc, at, [emptyCell(kind)]), { mode: edit ? 'edit' : 'command' });
}

/** Cuts the cell's text at these places; the cursor goes on at the beginning of the last part. */
export function split(worksheet: Worksheet, offsets: readonly number[]): void {
  const at = worksheet.activePosition;
  if (at === -1) return;
  const parts = splitCell(worksheet.doc, at, offsets);
  worksheet.chooseAt(at + parts - 1, { mode: 'edit', caret: 'start' });
}

/** Out of a cell's text by its first or last line. Answers whether there is a cell to go to. */
export function goTo(worksheet: Worksheet, direction: -1 | 1): boolean {
  const next = worksheet.shownBeside(worksheet.activePosition, direction);
  const page = next === undefined ? undefined : worksheet.cells.get()[next];
  if (page === undefined) return false;
  const edit = kindOf(page.cell) === 'code';
  worksheet.choose(page.key, { mode: edit ? 'edit' : 'command', caret: direction === 1 ? 'start' : 'end' });
  return true;
}

export function runNext({ worksheet, last, chosen }: Chosen): void {
  worksheet.run(chosen);
  const next = worksheet.shownBeside(last, 1);
  if (next !== undefined) worksheet.chooseAt(next);
  else if (worksheet.may('edit')) insert(worksheet, worksheet.cells.get().length, 'code', true);
}

export function step(worksheet: Worksheet, by: -1 | 1, extend: boolean): void {
  const at = worksheet.activePosition;
  worksheet.chooseAt(worksheet.shownBeside(at, by) ?? at, { extend });
}

/** Behind the chosen cells and all that they fold away. */
export const behind = ({ worksheet, positions }: Chosen): number => (worksheet.withHidden(positions).at(-1) ?? 0) + 1;

export function remove({ worksheet, first }: Chosen, positions: Positions): void {
  removeCells(worksheet.doc, positions);
  worksheet.chooseAt(first);
}

/** With what they fold away. Answers the positions. */
export function copy({ worksheet, positions, cells }: Chosen): Positions {
  const all = worksheet.withHidden(positions);
  clipboard = all.flatMap((at) => cells[at] ?? []).map(plainCell);
  return all;
}

export function paste(worksheet: Worksheet, at: number): void {
  worksheet.chooseCells(insertCells(worksheet.doc, at, clipboard));
}

export const somethingCopied = (): boolean => clipboard.length > 0;

export function clear(worksheet: Worksheet, cells: readonly YCell[]): void {
  const code = cells.filter((cell) => kindOf(cell) === 'code').map(idOf);
  if (code.length > 0) worksheet.send({ do: 'clear', cells: code });
}

/** Cells are made again by some edits: the same places stay chosen. */
export function inPlace({ worksheet, positions }: Chosen, edit: () => void): void {
  edit();
  worksheet.choosePositions(positions);
}

/** One cell alone is merged with the next. */
export function merge({ worksheet, positions, first }: Chosen): void {
  const next = first + 1 < worksheet.cells.get().length ? [first + 1] : [];
  mergeCells(worksheet.doc, positions.length > 1 ? positions : [first, ...next]);
  worksheet.chooseAt(first);
}

/** By one place, past a folded section as a whole. */
export function move(chosen: Chosen, by: -1 | 1): void {
  const { worksheet, first } = chosen;
  const end = behind(chosen);
  const neighbour = worksheet.shownBeside(by === -1 ? first : end - 1, by);
  if (neighbour === undefined) return;
  moveTo(chosen, by === -1 ? neighbour : (worksheet.withHidden([neighbour]).at(-1) ?? neighbour) + 1);
}

/** In front of the cell that stands at `before`, with what they fold away; they stay chosen. */
export function moveTo({ worksheet, positions }: Chosen, before: number): void {
  const all = worksheet.withHidden(positions);
  const first = moveCellsTo(worksheet.doc, all, before);
  if (first === undefined) return;
  const shown = all.flatMap((at, index) => (positions.includes(at) ? [first + index] : []));
  worksheet.choosePositions(shown);
}

/** The section that the chosen cell begins, or the one that it stands in. */
export function fold({ worksheet, cells, first }: Chosen, folded: boolean): void {
  const { sections } = worksheet.outline.value.get();
  const keys = worksheet.cells.get().map(({ key }) => key);
  for (let at = first; at >= 0; at--) {
    const size = sections.get(keys[at] ?? '');
    const cell = cells[at];
    if (size === undefined || size < first - at || cell === undefined) continue;
    worksheet.marks.set([cell], 'folded', folded);
    if (folded) worksheet.chooseAt(at);
    return;
  }
}

/** All sections at once; nothing stays chosen that is hidden. */
export function foldAll({ worksheet, cells, first }: Chosen, folded: boolean): void {
  const keys = worksheet.cells.get().map(({ key }) => key);
  const { sections } = worksheet.outline.value.get();
  const heads = cells.filter((_, at) => sections.has(keys[at] ?? ''));
  worksheet.marks.set(heads, 'folded', folded);
  worksheet.chooseAt(worksheet.shownBeside(first + 1, -1) ?? 0);
}
