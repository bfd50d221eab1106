/** What a person does to cells, each as one transaction of the document. Positions are indices; ranges include both ends. */
import type * as Y from 'yjs';
import { newId } from '../shared/new-id.ts';
import {
  type CellKind,
  cellMetadata,
  cellsOf,
  idOf,
  kindOf,
  makeCell,
  type PlainCell,
  plainCell,
  sourceOf,
  textOf,
  type YCell,
} from './schema.ts';
import { PersonEdit } from './undo.ts';

export interface Range {
  readonly first: number;
  readonly last: number;
}

export const emptyCell = (kind: CellKind): PlainCell => ({ kind, source: '', metadata: {} });

const edit = (doc: Y.Doc, work: () => void): void => doc.transact(work, new PersonEdit());

const cellsIn = (doc: Y.Doc, { first, last }: Range): YCell[] => cellsOf(doc).slice(first, last + 1);

export function insertCells(doc: Y.Doc, at: number, plain: readonly PlainCell[]): YCell[] {
  const made = plain.map((cell) => makeCell(newId(), cell));
  edit(doc, () => cellsOf(doc).insert(at, made));
  return made;
}

/** Removes them; an empty worksheet gets an empty cell, so that there is a place to write. */
export function removeCells(doc: Y.Doc, { first, last }: Range): void {
  edit(doc, () => {
    cellsOf(doc).delete(first, last - first + 1);
    if (cellsOf(doc).length === 0) cellsOf(doc).insert(0, [makeCell(newId(), emptyCell('code'))]);
  });
}

/** Moves them by one place; Yjs cannot move, so the cells are made again with their ids. Answers whether they could. */
export function moveCells(doc: Y.Doc, { first, last }: Range, by: -1 | 1): boolean {
  return moveCellsTo(doc, { first, last }, by === -1 ? first - 1 : last + 2);
}

/** Moves them in front of the cell that now stands at `before`. */
export function moveCellsTo(doc: Y.Doc, { first, last }: Range, before: number): boolean {
  const cells = cellsOf(doc);
  if (before < 0 || before > cells.length || (before >= first && before <= last + 1)) return false;
  const count = last - first + 1;
  const made = cellsIn(doc, { first, last }).map((cell) => makeCell(idOf(cell), plainCell(cell)));
  edit(doc, () => {
    cells.delete(first, count);
    cells.insert(before > last ? before - count : before, made);
  });
  return true;
}

/** Other kinds of cell are other objects in Jupyter's schema: each is made again with its id and source. */
export function changeKind(doc: Y.Doc, { first, last }: Range, kind: CellKind): void {
  edit(doc, () => {
    for (let index = first; index <= last; index++) {
      const cell = cellsOf(doc).get(index);
      if (kindOf(cell) === kind) continue;
      const { source, metadata, attachments } = plainCell(cell);
      const kept = kind === 'code' || attachments === undefined ? {} : { attachments };
      const made = makeCell(idOf(cell), { kind, source, metadata, ...kept });
      cellsOf(doc).delete(index, 1);
      cellsOf(doc).insert(index, [made]);
    }
  });
}

/** Makes it text whose first line is a heading of this level. */
export function makeHeading(doc: Y.Doc, range: Range, level: number): void {
  edit(doc, () => {
    changeKind(doc, range, 'markdown');
    for (const cell of cellsIn(doc, range)) {
      const text = textOf(cell);
      const marks = /^#* */.exec(sourceOf(cell))?.[0].length ?? 0;
      text?.delete(0, marks);
      text?.insert(0, `${'#'.repeat(level)} `);
    }
  });
}

/** What stands behind the cursor becomes the next cell; outputs stay with the first. */
export function splitCell(doc: Y.Doc, index: number, offset: number): void {
  const cell = cellsOf(doc).get(index);
  const source = sourceOf(cell);
  const before = source.slice(0, offset).replace(/\n$/, '');
  const after = source.slice(offset).replace(/^\n/, '');
  edit(doc, () => {
    textOf(cell)?.delete(before.length, source.length - before.length);
    cellsOf(doc).insert(index + 1, [makeCell(newId(), { kind: kindOf(cell), source: after, metadata: {} })]);
  });
}

/** The first cell gets the sources of all, with an empty line between them. */
export function mergeCells(doc: Y.Doc, { first, last }: Range): void {
  if (last <= first) return;
  const [target, ...others] = cellsIn(doc, { first, last });
  if (target === undefined) return;
  const added = others.map((cell) => `\n\n${sourceOf(cell)}`).join('');
  const attachments = Object.assign({}, ...[target, ...others].map((cell) => cell.get('attachments') ?? {}));
  edit(doc, () => {
    const text = textOf(target);
    text?.insert(text.length, added);
    if (kindOf(target) !== 'code' && Object.keys(attachments).length > 0) target.set('attachments', attachments);
    cellsOf(doc).delete(first + 1, last - first);
  });
}

/** Jupyter's marks for a hidden source or output. */
export function toggleHidden(doc: Y.Doc, range: Range, what: 'source_hidden' | 'outputs_hidden'): void {
  const cells = cellsIn(doc, range);
  const hide = !cells.every((cell) => isHidden(cell, what));
  edit(doc, () => {
    for (const cell of cells) {
      const metadata = cell.get('metadata') as Y.Map<unknown> | undefined;
      const { [what]: _, ...others } = jupyterMetadata(cell);
      metadata?.set('jupyter', hide ? { ...others, [what]: true } : others);
      if (what === 'outputs_hidden') metadata?.delete('collapsed');
    }
  });
}

const jupyterMetadata = (cell: YCell): Record<string, unknown> => {
  const found = cellMetadata(cell, 'jupyter');
  return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
};

export const isHidden = (cell: YCell, what: 'source_hidden' | 'outputs_hidden'): boolean =>
  jupyterMetadata(cell)[what] === true || (what === 'outputs_hidden' && cellMetadata(cell, 'collapsed') === true);
