/** What keys and buttons do to a worksheet. */
import {
  changeKind,
  emptyCell,
  insertCells,
  makeHeading,
  mergeCells,
  moveCells,
  type Range,
  removeCells,
  splitCell,
  toggleHidden,
} from '../document/edits.ts';
import { type CellKind, cellsOf, idOf, kindOf, type PlainCell, plainCell, type YCell } from '../document/schema.ts';
import type { CommandAction } from './keys.ts';
import type { Worksheet } from './worksheet.ts';

/** Copied cells, for all worksheets of this page. */
let clipboard: readonly PlainCell[] = [];

export type Action =
  | CommandAction
  | 'runAll'
  | 'runAbove'
  | 'runBelow'
  | 'clear'
  | 'clearAll'
  | 'restartAndRunAll'
  | 'stop';

export function perform(worksheet: Worksheet, action: Action) {
  const { doc } = worksheet;
  const range = worksheet.range;
  if (range === undefined) return;
  const cells = cellsOf(doc).toArray();
  const chosen = cells.slice(range.first, range.last + 1);
  switch (action) {
    case 'runNext':
      return runNext(worksheet, range, chosen);
    case 'runStay':
      worksheet.run(chosen);
      return worksheet.choose(worksheet.selection.get().active);
    case 'runInsert':
      worksheet.run(chosen);
      return insert(worksheet, range.last + 1, 'code', true);
    case 'runAll':
      return worksheet.run(cells);
    case 'runAbove':
      return worksheet.run(cells.slice(0, range.first));
    case 'runBelow':
      return worksheet.run(cells.slice(range.first));
    case 'clear':
      return clear(worksheet, chosen);
    case 'clearAll':
      return clear(worksheet, cells);
    case 'interrupt':
      return worksheet.send({ do: 'interrupt' });
    case 'restart':
      return worksheet.restart([]);
    case 'restartAndRunAll':
      return worksheet.restart(cells);
    case 'stop':
      return worksheet.stop();
    case 'edit':
      return worksheet.choose(worksheet.selection.get().active, { mode: 'edit' });
    case 'up':
    case 'extendUp':
      return step(worksheet, -1, action === 'extendUp');
    case 'down':
    case 'extendDown':
      return step(worksheet, 1, action === 'extendDown');
    case 'first':
      return worksheet.chooseAt(0);
    case 'last':
      return worksheet.chooseAt(cells.length - 1);
    case 'selectAll':
      worksheet.chooseAt(0);
      return worksheet.chooseAt(cells.length - 1, { extend: true });
    case 'insertAbove':
      return insert(worksheet, range.first, 'code', false);
    case 'insertBelow':
      return insert(worksheet, range.last + 1, 'code', false);
    case 'cut':
      clipboard = chosen.map(plainCell);
      return remove(worksheet, range);
    case 'delete':
      return remove(worksheet, range);
    case 'copy':
      clipboard = chosen.map(plainCell);
      return;
    case 'paste':
      return worksheet.chooseCells(insertCells(doc, range.last + 1, clipboard));
    case 'pasteAbove':
      return worksheet.chooseCells(insertCells(doc, range.first, clipboard));
    case 'undo':
      return worksheet.takeBack('undo');
    case 'redo':
      return worksheet.takeBack('redo');
    case 'toCode':
      return inPlace(worksheet, range, () => changeKind(doc, range, 'code'));
    case 'toMarkdown':
      return inPlace(worksheet, range, () => changeKind(doc, range, 'markdown'));
    case 'toRaw':
      return inPlace(worksheet, range, () => changeKind(doc, range, 'raw'));
    case 'heading1':
    case 'heading2':
    case 'heading3':
    case 'heading4':
    case 'heading5':
    case 'heading6':
      return inPlace(worksheet, range, () => makeHeading(doc, range, Number(action.slice(-1))));
    case 'merge':
      return merge(worksheet, range, cells.length);
    case 'moveUp':
      return move(worksheet, range, -1);
    case 'moveDown':
      return move(worksheet, range, 1);
    case 'toggleOutput':
      return toggleHidden(doc, range, 'outputs_hidden');
    case 'help':
      return worksheet.help.set(true);
  }
}

/** A new cell at this position, chosen; `edit` puts the cursor into it. */
export function insert(worksheet: Worksheet, at: number, kind: CellKind, edit: boolean): void {
  worksheet.chooseCells(insertCells(worksheet.doc, at, [emptyCell(kind)]), { mode: edit ? 'edit' : 'command' });
}

export function split(worksheet: Worksheet, offset: number): void {
  const range = worksheet.range;
  if (range === undefined) return;
  splitCell(worksheet.doc, range.first, offset);
  worksheet.chooseAt(range.first + 1, { mode: 'edit', caret: 'start' });
}

/** Out of a cell's text by its first or last line. Answers whether there is a cell to go to. */
export function goTo(worksheet: Worksheet, direction: -1 | 1): boolean {
  const at = (worksheet.range?.first ?? 0) + direction;
  const next = worksheet.cells.get()[at];
  if (next === undefined) return false;
  const edit = kindOf(next.cell) === 'code';
  worksheet.choose(next.key, { mode: edit ? 'edit' : 'command', caret: direction === 1 ? 'start' : 'end' });
  return true;
}

function runNext(worksheet: Worksheet, range: Range, chosen: readonly YCell[]): void {
  worksheet.run(chosen);
  if (range.last + 1 < worksheet.cells.get().length) worksheet.chooseAt(range.last + 1);
  else insert(worksheet, range.last + 1, 'code', true);
}

function step(worksheet: Worksheet, by: -1 | 1, extend: boolean): void {
  const { active } = worksheet.selection.get();
  const at = worksheet.cells.get().findIndex(({ key }) => key === active);
  worksheet.chooseAt(at + by, { extend });
}

function remove(worksheet: Worksheet, range: Range): void {
  removeCells(worksheet.doc, range);
  worksheet.chooseAt(range.first);
}

function clear(worksheet: Worksheet, cells: readonly YCell[]): void {
  const code = cells.filter((cell) => kindOf(cell) === 'code').map(idOf);
  if (code.length > 0) worksheet.send({ do: 'clear', cells: code });
}

/** Cells are made again by some edits: the same places stay chosen. */
function inPlace(worksheet: Worksheet, range: Range, edit: () => void): void {
  edit();
  worksheet.chooseAt(range.first);
  if (range.last > range.first) worksheet.chooseAt(range.last, { extend: true });
}

function merge(worksheet: Worksheet, range: Range, count: number): void {
  const both = {
    first: range.first,
    last: range.last === range.first ? Math.min(range.first + 1, count - 1) : range.last,
  };
  mergeCells(worksheet.doc, both);
  worksheet.chooseAt(range.first);
}

function move(worksheet: Worksheet, range: Range, by: -1 | 1): void {
  if (!moveCells(worksheet.doc, range, by)) return;
  worksheet.chooseAt(range.first + by);
  if (range.last > range.first) worksheet.chooseAt(range.last + by, { extend: true });
}
