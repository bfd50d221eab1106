import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as Y from 'yjs';
import type { Cell, Notebook, Output } from '../../wire/notebook.ts';
import { cellOf, cellsOf, fillDocument, readDocument } from '../document/document.ts';
import { rewriteDocument } from './rewrite.ts';

const code = (id: string, source: string, outputs: readonly Output[] = [], more: object = {}): Cell => ({
  ...{ cell_type: 'code', id, source, metadata: {}, outputs, execution_count: null },
  ...more,
});
const text = (id: string, source: string, more: object = {}): Cell => ({
  ...{ cell_type: 'markdown', id, source, metadata: {} },
  ...more,
});
const notebook = (cells: readonly Cell[], metadata = {}): Notebook => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata,
  cells,
});
const stream = (said: string): Output => ({ output_type: 'stream', name: 'stdout', text: said });

function filled(...cells: Cell[]): Y.Doc {
  const doc = new Y.Doc();
  fillDocument(doc, notebook(cells));
  return doc;
}
const sourceOf = (doc: Y.Doc, id: string) => cellOf(doc, id)?.get('source') as Y.Text;

test('WV20 the document holds what the version holds, whatever both are', () => {
  const ids = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 6 });
  const output = fc.constantFrom<Output>(stream('one'), stream('two\n'), {
    output_type: 'display_data',
    data: { 'text/plain': 'x' },
    metadata: {},
  });
  const cell = fc.record({
    type: fc.constantFrom('code', 'markdown', 'raw'),
    source: fc.string({ unit: fc.constantFrom('a', 'b', '\n', ' ', '😀'), maxLength: 12 }),
    metadata: fc.constantFrom({}, { tags: ['x'] }, { collapsed: true }),
    outputs: fc.array(output, { maxLength: 3 }),
    attachments: fc.constantFrom(undefined, { 'i.png': { 'image/png': 'AA==' } }),
    extra: fc.constantFrom({}, { unknown: { deep: [1] } }),
  });
  const any = fc
    .tuple(ids, fc.array(cell, { minLength: 6, maxLength: 6 }), fc.constantFrom({}, { title: 't' }, { authors: [] }))
    .map(([names, cells, metadata]) =>
      notebook(
        names.map((id, index) => {
          const { type, source, metadata: own, outputs, attachments, extra } = cells[index] as (typeof cells)[0];
          const about = { metadata: own, ...extra };
          if (type === 'code') return code(id, source, outputs, about);
          return { ...text(id, source, about), cell_type: type, ...(attachments && { attachments }) } as Cell;
        }),
        metadata,
      ),
    );
  fc.assert(
    fc.property(any, any, (now, wanted) => {
      const doc = new Y.Doc();
      fillDocument(doc, now);
      rewriteDocument(doc, wanted, 'test');
      expect(readDocument(doc)).toEqual(wanted);
    }),
    { numRuns: 300 },
  );
});

test('WV21 it is one change, and none where nothing differs', () => {
  const cells = [
    code('a', 'x = 1', [stream('1')], { metadata: { execution: { started: 'then' } } }),
    text('b', 'text'),
  ];
  const doc = filled(...cells);
  const updates: unknown[] = [];
  doc.on('update', (update) => updates.push(update));
  rewriteDocument(doc, notebook(cells), 'test');
  expect(updates).toEqual([]);
  rewriteDocument(doc, notebook([code('c', 'new'), text('b', 'other'), code('a', 'x = 2')]), 'test');
  expect(updates).toHaveLength(1);
});

test('WV21 cells that are the same stay the same objects; a cursor stays at its letter in a text that changes', () => {
  const doc = filled(code('a', 'first'), code('b', 'one two three'), code('c', 'last'));
  const [a, b, c] = cellsOf(doc).toArray();
  const cursor = Y.createRelativePositionFromTypeIndex(sourceOf(doc, 'b'), 'one two th'.length);
  rewriteDocument(
    doc,
    notebook([code('x', ''), code('a', 'first'), code('b', 'zero one three'), code('c', 'last')]),
    '',
  );
  expect(cellsOf(doc).toArray().slice(1)).toEqual([a, b, c]);
  expect(Y.createAbsolutePositionFromRelativePosition(cursor, doc)?.index).toBe('zero one th'.length);
});

test('WV22 what others write at the same time is there too', () => {
  const here = filled(code('a', 'same'), code('b', 'one two three'));
  const there = new Y.Doc();
  Y.applyUpdate(there, Y.encodeStateAsUpdate(here));
  sourceOf(there, 'a').insert(4, ' and more');
  sourceOf(there, 'b').insert(13, ' four');
  rewriteDocument(here, notebook([code('a', 'same'), code('b', 'one three')]), '');
  Y.applyUpdate(here, Y.encodeStateAsUpdate(there));
  Y.applyUpdate(there, Y.encodeStateAsUpdate(here));
  for (const doc of [here, there])
    expect(readDocument(doc).cells.map(({ source }) => source)).toEqual(['same and more', 'one three four']);
});

test('WV22 undo of what was done before still works', () => {
  const doc = filled(code('a', 'one'), code('b', 'two'));
  const undo = new Y.UndoManager(cellsOf(doc), { trackedOrigins: new Set(['me']) });
  doc.transact(() => sourceOf(doc, 'a').insert(3, ' and more'), 'me');
  undo.stopCapturing();
  doc.transact(() => sourceOf(doc, 'b').insert(3, ' mine'), 'me');
  rewriteDocument(doc, notebook([code('a', 'one and more'), code('b', 'two'), code('c', 'three')]), 'restore');
  undo.undo();
  undo.undo();
  expect(readDocument(doc).cells.map(({ source }) => source)).toEqual(['one', 'two', 'three']);
});

test('WV23 the kernel is no part of a version: a cell at work keeps its output, the notebook its kernelspec', () => {
  const doc = new Y.Doc();
  const kernelspec = { name: 'python3-large' };
  fillDocument(doc, notebook([code('a', 'loop()', [stream('half')]), code('b', 'x', [stream('old')])], { kernelspec }));
  cellOf(doc, 'a')?.set('execution_state', 'running');
  const before = { kernelspec: { name: 'python3' }, title: 't' };
  rewriteDocument(doc, notebook([code('a', 'loop()'), code('b', 'x', [stream('new')])], before), '');
  const now = readDocument(doc);
  expect(now.metadata).toEqual({ kernelspec, title: 't' });
  expect(now.cells).toMatchObject([{ outputs: [stream('half')] }, { outputs: [stream('new')] }]);
});

test('WV21 a text that has little in common is replaced between its equal ends', () => {
  const before = `begin ${'abc '.repeat(2000)}end`;
  const after = `begin ${'xyz?'.repeat(2000)} end`;
  const doc = filled(code('a', before));
  const cursor = Y.createRelativePositionFromTypeIndex(sourceOf(doc, 'a'), 3);
  rewriteDocument(doc, notebook([code('a', after)]), '');
  expect(sourceOf(doc, 'a').toString()).toBe(after);
  expect(Y.createAbsolutePositionFromRelativePosition(cursor, doc)?.index).toBe(3);
});
