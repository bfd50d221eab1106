/** What a person does to cells, each as one transaction of the document. Positions are indices in ascending order. */
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

export const emptyCell = (kind: CellKind): PlainCell => ({ kind, source: '', metadata: {} });

const edit = (doc: Y.Doc, work: () => void): void => doc.transact(work, new PersonEdit());

/** Positions of cells in ascending order. */
export type Positions = readonly number[];

const cellsAt = (doc: Y.Doc, positions: Positions): YCell[] => positions.map((at) => cellsOf(doc).get(at));

function deleteAll(doc: Y.Doc, positions: Positions): void {
  for (const at of [...positions].reverse()) cellsOf(doc).delete(at, 1);
}

export function insertCells(doc: Y.Doc, at: number, plain: readonly PlainCell[]): YCell[] {
  const made = plain.map((cell) => makeCell(newId(), cell));
  edit(doc, () => cellsOf(doc).insert(at, made));
  return made;
}

/** Removes them; an empty worksheet gets an empty cell, so that there is a place to write. */
export function removeCells(doc: Y.Doc, positions: Positions): void {
  edit(doc, () => {
    deleteAll(doc, positions);
    if (cellsOf(doc).length === 0) cellsOf(doc).insert(0, [makeCell(newId(), emptyCell('code'))]);
  });
}

/**
 * Moves them, side by side, in front of the cell that now stands at `before`. Yjs cannot move, so the cells are made again with
 * their ids. Answers where the first one is then; undefined where that changes nothing or there is no such place.
 */
export function moveCellsTo(doc: Y.Doc, positions: Positions, before: number): number | undefined {
  const [first] = positions;
  const last = positions.at(-1);
  if (first === undefined || last === undefined || before < 0 || before > cellsOf(doc).length) return undefined;
  const together = last - first + 1 === positions.length;
  if (together && before >= first && before <= last + 1) return undefined;
  const made = cellsAt(doc, positions).map((cell) => makeCell(idOf(cell), plainCell(cell)));
  const target = before - positions.filter((at) => at < before).length;
  edit(doc, () => {
    deleteAll(doc, positions);
    cellsOf(doc).insert(target, made);
  });
  return target;
}

/** Other kinds of cell are other objects in Jupyter's schema: each is made again with its id and source. */
export function changeKind(doc: Y.Doc, positions: Positions, kind: CellKind): void {
  edit(doc, () => {
    for (const index of positions) {
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
export function makeHeading(doc: Y.Doc, positions: Positions, level: number): void {
  edit(doc, () => {
    changeKind(doc, positions, 'markdown');
    for (const cell of cellsAt(doc, positions)) {
      const text = textOf(cell);
      const marks = /^#* */.exec(sourceOf(cell))?.[0].length ?? 0;
      text?.delete(0, marks);
      text?.insert(0, `${'#'.repeat(level)} `);
    }
  });
}

/** Cuts the text at these places; what follows becomes cells of their own, outputs stay with the first. Answers how many there are. */
export function splitCell(doc: Y.Doc, index: number, offsets: readonly number[]): number {
  const cell = cellsOf(doc).get(index);
  const source = sourceOf(cell);
  const cuts = [...new Set(offsets)].sort((a, b) => a - b);
  const parts = [0, ...cuts].map((from, part) => {
    const text = source.slice(from, cuts[part] ?? source.length);
    const open = part === 0 ? text : text.replace(/^\n/, '');
    return part === cuts.length ? open : open.replace(/\n$/, '');
  });
  const [first = '', ...others] = parts;
  const attachments = cell.get('attachments');
  const made = others.map((text) =>
    makeCell(newId(), {
      kind: kindOf(cell),
      source: text,
      metadata: {},
      ...(attachments !== undefined && text.includes('attachment:') ? { attachments } : {}),
    }),
  );
  edit(doc, () => {
    textOf(cell)?.delete(first.length, source.length - first.length);
    cellsOf(doc).insert(index + 1, made);
  });
  return parts.length;
}

/** The first cell gets the sources of all, with an empty line between them. */
export function mergeCells(doc: Y.Doc, positions: Positions): void {
  const [target, ...others] = cellsAt(doc, positions);
  if (target === undefined || others.length === 0) return;
  const added = others.map((cell) => `\n\n${sourceOf(cell)}`).join('');
  const attachments = Object.assign({}, ...[target, ...others].map((cell) => cell.get('attachments') ?? {}));
  edit(doc, () => {
    const text = textOf(target);
    text?.insert(text.length, added);
    if (kindOf(target) !== 'code' && Object.keys(attachments).length > 0) target.set('attachments', attachments);
    deleteAll(doc, positions.slice(1));
  });
}

/** Attaches it and puts a reference into the text at this place. Answers how many characters came in. */
export function attachPicture(
  doc: Y.Doc,
  cell: YCell,
  { name, type, content }: { readonly name: string; readonly type: string; readonly content: string },
  at: number,
): number {
  const text = textOf(cell);
  const place = Math.min(at, text?.length ?? 0);
  const reference = `![${name.replace(/\.[^.]*$/, '')}](attachment:${name})`;
  edit(doc, () => {
    cell.set('attachments', { ...(cell.get('attachments') as object | undefined), [name]: { [type]: content } });
    text?.insert(place, reference);
  });
  return reference.length;
}

export interface Replacement {
  readonly text: Y.Text;
  /** In ascending order, without overlaps. */
  readonly spans: readonly { readonly from: number; readonly to: number; readonly by: string }[];
}

/** All of them as one step. */
export function replaceSpans(doc: Y.Doc, replacements: readonly Replacement[]): void {
  if (replacements.length === 0) return;
  edit(doc, () => {
    for (const { text, spans } of replacements)
      for (const { from, to, by } of [...spans].reverse()) {
        text.delete(from, to - from);
        if (by !== '') text.insert(from, by);
      }
  });
}

/** Jupyter's marks of a cell: what of it is hidden, whether its output scrolls, whether the section that it begins is folded. */
export type CellMark = 'source_hidden' | 'outputs_hidden' | 'scrolled' | 'folded';

/** JupyterLab's name, and that of the extension that its users had before. */
const FOLDED = 'jp-MarkdownHeadingCollapsed';
const FOLDED_BEFORE = 'heading_collapsed';

const jupyterMetadata = (cell: YCell): Record<string, unknown> => {
  const found = cellMetadata(cell, 'jupyter');
  return typeof found === 'object' && found !== null ? (found as Record<string, unknown>) : {};
};

/** Whether outputs scroll in a box of their own; undefined where nobody has said, and long texts are cut. */
export function scrolls(cell: YCell): boolean | undefined {
  const found = cellMetadata(cell, 'scrolled');
  return typeof found === 'boolean' ? found : undefined;
}

export function isMarked(cell: YCell, mark: CellMark): boolean {
  switch (mark) {
    case 'source_hidden':
      return jupyterMetadata(cell)[mark] === true;
    case 'outputs_hidden':
      return jupyterMetadata(cell)[mark] === true || cellMetadata(cell, 'collapsed') === true;
    case 'scrolled':
      return scrolls(cell) === true;
    case 'folded':
      return cellMetadata(cell, FOLDED) === true || cellMetadata(cell, FOLDED_BEFORE) === true;
  }
}

/** Sets the mark, where `on` is undefined: on all unless all have it. */
export function mark(doc: Y.Doc, cells: readonly YCell[], as: CellMark, on = !cells.every((one) => isMarked(one, as))) {
  const others = cells.filter((one) => isMarked(one, as) !== on || (as === 'scrolled' && scrolls(one) === undefined));
  if (others.length === 0) return;
  edit(doc, () => {
    for (const cell of others) setMark(cell, as, on);
  });
}

function setMark(cell: YCell, as: CellMark, on: boolean): void {
  const metadata = cell.get('metadata') as Y.Map<unknown> | undefined;
  const set = (key: string, value: unknown) => {
    if (value !== undefined) metadata?.set(key, value);
    else if (metadata?.has(key) === true) metadata.delete(key);
  };
  /** `false` is another word than none: nothing is cut then. */
  if (as === 'scrolled') set('scrolled', on);
  else if (as === 'folded') {
    set(FOLDED_BEFORE, undefined);
    set(FOLDED, on || undefined);
  } else {
    const { [as]: _, ...others } = jupyterMetadata(cell);
    const marked = on ? { ...others, [as]: true } : others;
    set('jupyter', Object.keys(marked).length > 0 ? marked : undefined);
    if (as === 'outputs_hidden') set('collapsed', undefined);
  }
}
