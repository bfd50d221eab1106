/**
 * A notebook as a shared Yjs document, in exactly the schema of @jupyter/ydoc's YNotebook, so that its programs read ours and we
 * read theirs. What that schema has no place for stands where YNotebook does not look: unknown keys of the notebook in the
 * root map `carrel`, those of a cell under `extra` of the cell. Pure but for the document it is given.
 */
import * as Y from 'yjs';
import type { Cell, Notebook, Output } from '../../wire/notebook.ts';
import { isCellId, newCellId } from '../../wire/notebook-values.ts';
import { EXTRA, ownKeys, readCell, readExtra, readOutputs } from './cells.ts';
import { objectOf, textOf } from './values.ts';

/** The newest minor version: a document's cells always have ids. */
const MINOR = 5;

export const cellsOf = (doc: Y.Doc): Y.Array<Y.Map<unknown>> => doc.getArray('cells');

/** The first one of this id; concurrent moves may have left a second one until `repairCells` has seen it. */
export function cellOf(doc: Y.Doc, id: string): Y.Map<unknown> | undefined {
  for (const cell of cellsOf(doc)) if (cell instanceof Y.Map && cell.get('id') === id) return cell;
  return undefined;
}

export const sourceOf = (cell: Y.Map<unknown>): string => textOf(cell.get('source'));

/** Makes the document hold this notebook and nothing else, in one transaction. */
export function fillDocument(doc: Y.Doc, notebook: Notebook): void {
  const { nbformat, nbformat_minor, metadata, cells, ...extra } = notebook;
  doc.transact(() => {
    const meta = doc.getMap('meta');
    meta.set('nbformat', nbformat);
    meta.set('nbformat_minor', Math.max(MINOR, nbformat_minor));
    meta.set('metadata', new Y.Map(Object.entries(metadata)));
    const own = doc.getMap('carrel');
    if (Object.keys(extra).length > 0) own.set(EXTRA, extra);
    else own.delete(EXTRA);
    const shared = cellsOf(doc);
    shared.delete(0, shared.length);
    shared.insert(0, cells.map(makeCell));
  });
}

/**
 * The notebook that a document holds. Whoever may edit may have written anything into it, so this answers a valid notebook
 * whatever is there: what is no cell or no output is left out, ids that are missing or doubled are made anew. `outputs` may
 * leave those away that are read otherwise.
 */
export function readDocument(doc: Y.Doc, outputs = readOutputs): Notebook {
  const meta = doc.getMap('meta');
  const ids = new Set<string>();
  return {
    ...readExtra(doc.getMap('carrel').get(EXTRA), ['nbformat', 'nbformat_minor', 'metadata', 'cells']),
    nbformat: 4,
    nbformat_minor: MINOR,
    metadata: objectOf(meta.get('metadata')),
    cells: cellsOf(doc)
      .toArray()
      .filter((cell) => cell instanceof Y.Map)
      .map((cell) => readCell(cell, ids, outputs)),
  };
}

/**
 * Gives a new id to every cell without a valid one and to every later cell of two with the same: two people who move a cell at the
 * same time leave it twice, since a move deletes and inserts. Answers how many it changed.
 */
export function repairCells(doc: Y.Doc): number {
  const cells = cellsOf(doc)
    .toArray()
    .filter((cell) => cell instanceof Y.Map);
  const taken = new Set(cells.map((cell) => cell.get('id')).filter(isCellId));
  const seen = new Set<unknown>();
  const broken = cells.filter((cell) => {
    const id = cell.get('id');
    const fits = isCellId(id) && !seen.has(id);
    seen.add(id);
    return !fits;
  });
  if (broken.length > 0)
    doc.transact(() => {
      for (const cell of broken) cell.set('id', newCellId(taken));
    });
  return broken.length;
}

/** A cell to insert into `cellsOf`. */
export function makeCell(cell: Cell): Y.Map<unknown> {
  const { id, cell_type, source, metadata, ...more } = cell;
  const shared = new Y.Map<unknown>([
    ['id', id],
    ['cell_type', cell_type],
    ['source', new Y.Text(source)],
    ['metadata', new Y.Map(Object.entries(metadata))],
  ]);
  const extra: Record<string, unknown> = { ...more };
  for (const key of ownKeys(cell_type)) {
    if (extra[key] === undefined) continue;
    shared.set(key, key === 'outputs' ? Y.Array.from((extra[key] as Output[]).map(makeOutput)) : extra[key]);
    delete extra[key];
  }
  if (Object.keys(extra).length > 0) shared.set(EXTRA, extra);
  return shared;
}

export function makeOutput(output: Output): Y.Map<unknown> {
  if (output.output_type !== 'stream') return new Y.Map(Object.entries(output));
  const { text, ...more } = output;
  return new Y.Map<unknown>([...Object.entries(more), ['text', new Y.Text(text)]]);
}
