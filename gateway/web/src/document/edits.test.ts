import { describe, expect, test } from 'vitest';
import { YSyncConfig } from 'y-codemirror.next';
import * as Y from 'yjs';
import {
  attachPicture,
  changeKind,
  emptyCell,
  insertCells,
  isMarked,
  makeHeading,
  mark,
  mergeCells,
  moveCellsTo,
  removeCells,
  replaceSpans,
  splitCell,
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
const text = (doc: Y.Doc, index: number): Y.Text => {
  const found = textOf(cellsOf(doc).get(index));
  if (found === undefined) throw new Error('a cell without a text');
  return found;
};
const cell = (doc: Y.Doc, index: number) => cellsOf(doc).get(index);

describe('cells', () => {
  test('are moved with their ids, and not beyond the ends', () => {
    const doc = worksheet('a', 'b', 'c', 'd');
    expect(moveCellsTo(doc, [1, 2], 4)).toBe(2);
    expect(sources(doc)).toEqual(['a', 'd', 'b', 'c']);
    expect(ids(doc)).toEqual(['c0', 'c3', 'c1', 'c2']);
    expect(moveCellsTo(doc, [2, 3], 5)).toBeUndefined();
    expect(moveCellsTo(doc, [2, 3], 1)).toBe(1);
    expect(sources(doc)).toEqual(['a', 'b', 'c', 'd']);
    expect(moveCellsTo(doc, [0, 1], -1)).toBeUndefined();
    expect(moveCellsTo(doc, [0, 1], 2)).toBeUndefined();
    expect(moveCellsTo(doc, [0, 3], 2)).toBe(1);
    expect(sources(doc)).toEqual(['b', 'a', 'd', 'c']);
  });

  test('are split at the cursor and merged with an empty line', () => {
    const doc = worksheet('one\ntwo');
    expect(splitCell(doc, 0, [4])).toBe(2);
    expect(sources(doc)).toEqual(['one', 'two']);
    mergeCells(doc, [0, 1]);
    expect(sources(doc)).toEqual(['one\n\ntwo']);
    expect(splitCell(doc, 0, [5, 3, 3])).toBe(3);
    expect(sources(doc)).toEqual(['one', '', 'two']);
  });

  test('change their kind and keep id, source and outputs of code only as code', () => {
    const doc = new Y.Doc();
    const outputs = [{ output_type: 'stream', name: 'stdout', text: 'hi' }];
    cellsOf(doc).insert(0, [makeCell('x', { kind: 'code', source: '# t', metadata: {}, outputs, count: 3 })]);
    changeKind(doc, [0], 'markdown');
    expect(cell(doc, 0).toJSON()).toEqual({ id: 'x', cell_type: 'markdown', source: '# t', metadata: {} });
    makeHeading(doc, [0], 3);
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
    removeCells(doc, [0]);
    expect(sources(doc)).toEqual(['']);
  });

  test.each([
    ['outputs_hidden', { jupyter: { outputs_hidden: true } }],
    ['source_hidden', { jupyter: { source_hidden: true } }],
    ['folded', { 'jp-MarkdownHeadingCollapsed': true }],
  ] as const)('WU3: %s is written as JupyterLab writes it, and goes without a trace', (as, written) => {
    const doc = worksheet('a', 'b');
    const both = cellsOf(doc).toArray();
    mark(doc, both.slice(1), as);
    mark(doc, both, as);
    expect(both.map((one) => isMarked(one, as))).toEqual([true, true]);
    expect(both.map((one) => one.toJSON()['metadata'])).toEqual([written, written]);
    mark(doc, both, as);
    expect(both.map((one) => one.toJSON()['metadata'])).toEqual([{}, {}]);
  });

  test('WU3: whether outputs scroll is said for both', () => {
    const doc = worksheet('a');
    const all = cellsOf(doc).toArray();
    const said = (on?: boolean) => {
      mark(doc, all, 'scrolled', on);
      return cell(doc, 0).toJSON()['metadata'];
    };
    expect([said(false), said(), said()]).toEqual([{ scrolled: false }, { scrolled: true }, { scrolled: false }]);
  });

  test('WU3: the older marks of hidden outputs and folded sections are read', () => {
    const doc = new Y.Doc();
    const old = { kind: 'code', source: '', metadata: { collapsed: true, heading_collapsed: true } } as const;
    cellsOf(doc).insert(0, [makeCell('x', old)]);
    expect([isMarked(cell(doc, 0), 'outputs_hidden'), isMarked(cell(doc, 0), 'folded')]).toEqual([true, true]);
  });
});

describe('undo', () => {
  test('brings a deleted cell back, and leaves what others wrote meanwhile', () => {
    const doc = worksheet('mine', 'theirs');
    const undo = new Undo(doc);
    const other = joined(doc);
    removeCells(doc, [0]);
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
    moveCellsTo(doc, [0], 2);
    textOf(cell(other, 1))?.insert(1, '!');
    undo.undo();
    expect(sources(doc).sort()).toEqual(['!', 'a', 'b']);
    expect(new Set(ids(doc)).size).toBe(3);
  });

  /** What each edit does to a worksheet in whose second cell another person writes at the same time. */
  test.each<[string, (doc: Y.Doc) => void]>([
    ['replacing', (doc) => replaceSpans(doc, [{ text: text(doc, 1), spans: [{ from: 0, to: 1, by: 'new' }] }])],
    ['splitting', (doc) => splitCell(doc, 0, [1])],
    ['merging', (doc) => mergeCells(doc, [2, 3])],
    ['moving', (doc) => moveCellsTo(doc, [2, 3], 0)],
    ['folding', (doc) => mark(doc, [cell(doc, 1)], 'folded')],
    ['hiding', (doc) => mark(doc, [cell(doc, 1)], 'source_hidden')],
    ['attaching', (doc) => attachPicture(doc, cell(doc, 1), { name: 'a.png', type: 'image/png', content: 'AA' }, 0)],
    ['a heading', (doc) => makeHeading(doc, [0], 2)],
  ])('WU11: %s is taken back and done again without what others wrote', (_name, act) => {
    const doc = new Y.Doc();
    const texts = ['one', 'two', 'three', 'four'];
    const made = texts.map((source, at) => makeCell(`c${at}`, { kind: 'markdown', source, metadata: {} }));
    cellsOf(doc).insert(0, made);
    const undo = new Undo(doc);
    const other = joined(doc);
    const plain = () => JSON.stringify(cellsOf(doc).toJSON()).replaceAll(' theirs', '');
    const before = plain();
    act(doc);
    const after = plain();
    const theirs = cellsOf(other)
      .toArray()
      .find((one) => idOf(one) === 'c1');
    const written = theirs === undefined ? undefined : textOf(theirs);
    written?.insert(written.length, ' theirs');
    undo.undo();
    /** A picture stays in a cell in which somebody else has written; the reference to it is gone. */
    expect(plain().replace(/,"attachments":{[^}]*}}/, '')).toBe(before);
    expect(sources(doc).join()).toContain(' theirs');
    undo.redo();
    expect(plain()).toBe(after);
    expect(sources(other)).toEqual(sources(doc));
    expect(sources(doc).join()).toContain(' theirs');
  });

  test('WU11: a step ends with an edit of cells, what is typed at once is the next', () => {
    const doc = worksheet('a', 'b');
    const undo = new Undo(doc);
    replaceSpans(doc, [
      { text: text(doc, 0), spans: [{ from: 0, to: 1, by: 'x' }] },
      { text: text(doc, 1), spans: [{ from: 0, to: 1, by: 'y' }] },
    ]);
    doc.transact(() => text(doc, 0).insert(1, 'typed'), new YSyncConfig(text(doc, 0), null));
    undo.undo();
    expect(sources(doc)).toEqual(['x', 'y']);
    undo.undo();
    expect(sources(doc)).toEqual(['a', 'b']);
  });
});
