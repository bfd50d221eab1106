import { describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import {
  changeKind,
  emptyCell,
  insertCells,
  isHidden,
  makeHeading,
  mergeCells,
  moveCells,
  removeCells,
  splitCell,
  toggleHidden,
} from './edits.ts';
import { cellsOf, idOf, kindOf, makeCell, sourceOf, textOf } from './schema.ts';
import { Undo } from './undo.ts';

function worksheet(...sources: string[]): Y.Doc {
  const doc = new Y.Doc();
  const cells = sources.map((source, index) => makeCell(`c${index}`, { kind: 'code', source, metadata: {} }));
  cellsOf(doc).insert(0, cells);
  return doc;
}

/** A second person's copy, joined to the first. */
function joined(doc: Y.Doc): Y.Doc {
  const other = new Y.Doc();
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
  doc.on('update', (update: Uint8Array, origin: unknown) => origin !== other && Y.applyUpdate(other, update, doc));
  other.on('update', (update: Uint8Array, origin: unknown) => origin !== doc && Y.applyUpdate(doc, update, other));
  return other;
}

const sources = (doc: Y.Doc) => cellsOf(doc).map(sourceOf);
const ids = (doc: Y.Doc) => cellsOf(doc).map(idOf);
const cell = (doc: Y.Doc, index: number) => cellsOf(doc).get(index);

describe('cells', () => {
  test('are moved with their ids, and not beyond the ends', () => {
    const doc = worksheet('a', 'b', 'c', 'd');
    expect(moveCells(doc, { first: 1, last: 2 }, 1)).toBe(true);
    expect(sources(doc)).toEqual(['a', 'd', 'b', 'c']);
    expect(ids(doc)).toEqual(['c0', 'c3', 'c1', 'c2']);
    expect(moveCells(doc, { first: 2, last: 3 }, 1)).toBe(false);
    expect(moveCells(doc, { first: 2, last: 3 }, -1)).toBe(true);
    expect(sources(doc)).toEqual(['a', 'b', 'c', 'd']);
    expect(moveCells(doc, { first: 0, last: 1 }, -1)).toBe(false);
  });

  test('are split at the cursor and merged with an empty line', () => {
    const doc = worksheet('one\ntwo');
    splitCell(doc, 0, 4);
    expect(sources(doc)).toEqual(['one', 'two']);
    mergeCells(doc, { first: 0, last: 1 });
    expect(sources(doc)).toEqual(['one\n\ntwo']);
  });

  test('change their kind and keep id, source and outputs of code only as code', () => {
    const doc = new Y.Doc();
    const outputs = [{ output_type: 'stream', name: 'stdout', text: 'hi' }];
    cellsOf(doc).insert(0, [makeCell('x', { kind: 'code', source: '# t', metadata: {}, outputs, count: 3 })]);
    changeKind(doc, { first: 0, last: 0 }, 'markdown');
    expect(cell(doc, 0).toJSON()).toEqual({ id: 'x', cell_type: 'markdown', source: '# t', metadata: {} });
    makeHeading(doc, { first: 0, last: 0 }, 3);
    expect(sources(doc)).toEqual(['### t']);
  });

  test('streams keep their text in a Y.Text, as Jupyter writes it', () => {
    const doc = new Y.Doc();
    const outputs = [{ output_type: 'stream', name: 'stdout', text: 'hi' }];
    cellsOf(doc).insert(0, [makeCell('x', { kind: 'code', source: '', metadata: {}, outputs })]);
    const stream = (cell(doc, 0).get('outputs') as Y.Array<Y.Map<unknown>>).get(0);
    expect(stream.get('text')).toBeInstanceOf(Y.Text);
  });

  test('the last one leaves an empty cell behind', () => {
    const doc = worksheet('a');
    removeCells(doc, { first: 0, last: 0 });
    expect(sources(doc)).toEqual(['']);
  });

  test('hide their output by Jupyter’s mark, and show it again', () => {
    const doc = worksheet('a');
    toggleHidden(doc, { first: 0, last: 0 }, 'outputs_hidden');
    expect(isHidden(cell(doc, 0), 'outputs_hidden')).toBe(true);
    toggleHidden(doc, { first: 0, last: 0 }, 'outputs_hidden');
    expect(isHidden(cell(doc, 0), 'outputs_hidden')).toBe(false);
  });
});

describe('undo', () => {
  test('brings a deleted cell back, and leaves what others wrote meanwhile', () => {
    const doc = worksheet('mine', 'theirs');
    const undo = new Undo(doc);
    const other = joined(doc);
    removeCells(doc, { first: 0, last: 0 });
    textOf(cell(other, 0))?.insert(6, '!');
    undo.undo();
    expect(sources(doc)).toEqual(['mine', 'theirs!']);
    undo.redo();
    expect(sources(doc)).toEqual(['theirs!']);
  });

  test('does not undo another person’s edit, nor a cell that they have written in', () => {
    const doc = worksheet('a');
    const undo = new Undo(doc);
    const other = joined(doc);
    insertCells(doc, 1, [emptyCell('code')]);
    textOf(cell(other, 1))?.insert(0, 'theirs');
    textOf(cell(other, 0))?.insert(1, '+');
    undo.undo();
    expect(sources(doc)).toEqual(['a+', 'theirs']);
    expect(kindOf(cell(doc, 1))).toBe('code');
    expect(sources(other)).toEqual(sources(doc));
  });

  test('a move that is taken back after somebody wrote in it leaves two cells with two ids', () => {
    const doc = worksheet('a', 'b');
    const undo = new Undo(doc);
    const other = joined(doc);
    moveCells(doc, { first: 0, last: 0 }, 1);
    textOf(cell(other, 1))?.insert(1, '!');
    undo.undo();
    expect(sources(doc).sort()).toEqual(['!', 'a', 'b']);
    expect(new Set(ids(doc)).size).toBe(3);
  });
});
