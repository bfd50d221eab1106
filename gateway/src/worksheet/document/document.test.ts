/** Our document beside @jupyter/ydoc's: docs/spec/worksheet-document.md. */
import { globSync, readFileSync } from 'node:fs';
import { YNotebook } from '@jupyter/ydoc';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { formatNotebook, type Notebook, parseNotebook } from '../../wire/notebook.ts';
import { cellOf, cellsOf, fillDocument, makeCell, readDocument, repairCells, sourceOf } from './document.ts';

const filled = (notebook: Notebook): Y.Doc => {
  const doc = new Y.Doc();
  fillDocument(doc, notebook);
  return doc;
};
/** What another process has that received all updates of `doc`. */
const received = (doc: Y.Doc, into: Y.Doc = new Y.Doc()): Y.Doc => {
  Y.applyUpdate(into, Y.encodeStateAsUpdate(doc));
  return into;
};
const jupyter = (doc?: Y.Doc): YNotebook => {
  const notebook = new YNotebook();
  if (doc !== undefined) received(doc, notebook.ydoc);
  return notebook;
};
/** `attachments: undefined` of YNotebook is no key of JSON. */
const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const code = (more: object = {}): Notebook['cells'][number] =>
  ({ id: 'a', cell_type: 'code', metadata: {}, source: '', outputs: [], execution_count: null, ...more }) as never;
const notebook: Notebook = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: 'python3', display_name: 'Python 3' }, deep: [{ er: null }] },
  cells: [
    code({
      source: 'a\nb 😀',
      execution_count: 3,
      metadata: { tags: ['t'], jupyter: { source_hidden: true } },
      outputs: [
        { output_type: 'stream', name: 'stdout', text: 'one\ntwo' },
        { output_type: 'display_data', data: { 'application/json': { a: [1] } }, metadata: { b: 1 } },
        { output_type: 'execute_result', data: { 'text/plain': 'x' }, metadata: {}, execution_count: 3 },
        { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['1', '2'] },
      ],
    }),
    { id: 'b', cell_type: 'markdown', metadata: {}, source: '# b', attachments: { f: { 'text/plain': 'x' } } },
    { id: 'c', cell_type: 'raw', metadata: {}, source: 'c' },
  ],
};
const strange: Notebook = {
  ...notebook,
  more: { of: 'it' },
  cells: [
    code({ odd: [1], attachments: {}, extra: 'e', execution_count: 0 }),
    { id: 'b', cell_type: 'raw', metadata: {}, source: '', outputs: [{}], execution_count: 4, execution_state: 'busy' },
    code({ id: 'd', outputs: [{ output_type: 'stream', name: 'stdout', text: '', odd: 1 }] }),
  ],
};
const golden = globSync('test/golden/notebooks/*.ipynb').map((path) => parseNotebook(readFileSync(path, 'utf8')));

describe('the schema', () => {
  it.each([notebook, strange, ...golden])('WD10 of a notebook is read by YNotebook', (one) => {
    const read = jupyter(filled(one));
    const { cells, metadata } = read;
    expect(metadata).toEqual(one.metadata);
    expect(read.nbformat).toBe(4);
    expect(read.nbformat_minor).toBe(5);
    const known = ['id', 'cell_type', 'source', 'metadata', 'outputs', 'execution_count', 'attachments'];
    const expected = one.cells.map((cell) => {
      const keys = known.filter((key) => key !== (cell.cell_type === 'code' ? 'attachments' : 'outputs'));
      const kept = Object.entries(cell).filter(([key]) => keys.includes(key));
      /** YNotebook shows 0 as null, and markdown has no count. */
      const more =
        cell.cell_type === 'code' ? { execution_count: cell.execution_count || null } : { execution_count: undefined };
      return json({ ...Object.fromEntries(kept), ...more });
    });
    expect(cells.map((cell) => json(cell.toJSON()))).toEqual(expected);
  });

  it.each([notebook, ...golden])('WD10 of a YNotebook is read by us', (one) => {
    const made = jupyter();
    made.setSource(structuredClone(one) as never);
    const read = readDocument(received(made.ydoc));
    expect(read).toEqual(json(made.toJSON()));
    expect(read.cells.map((cell) => cell.source)).toEqual(one.cells.map((cell) => cell.source));
  });

  it('WD10 has the same types at the same places as what YNotebook makes', () => {
    const made = jupyter();
    made.setSource(structuredClone(notebook) as never);
    expect(shape(filled(notebook))).toEqual(shape(made.ydoc));
  });

  it('WD10 takes the edits of a YNotebook, and it takes ours', () => {
    const doc = filled(notebook);
    const other = jupyter(doc);
    const cell = other.getCell(0) as ReturnType<YNotebook['getCell']> & { setOutputs(o: unknown[]): void };
    cell.updateSource(1, 2, '!');
    cell.setOutputs([{ output_type: 'stream', name: 'stdout', text: 'new' }]);
    other.moveCell(2, 0);
    received(other.ydoc, doc);
    expect(readDocument(doc).cells).toMatchObject([
      { id: 'c' },
      { source: 'a!b 😀', outputs: [{ text: 'new' }] },
      { id: 'b' },
    ]);

    cellsOf(doc).insert(0, [makeCell(code({ id: 'n', source: 'ours' }))]);
    received(doc, other.ydoc);
    expect(other.getCell(0).getSource()).toBe('ours');
  });
});

describe('filling and reading', () => {
  it.each([notebook, strange, ...golden])('WD11 loses nothing', (one) => {
    expect(readDocument(received(filled(one)))).toEqual(one);
    expect(formatNotebook(readDocument(filled(one)))).toBe(formatNotebook(one));
  });

  it('WD11 replaces what was there, in one transaction', () => {
    const doc = filled(strange);
    let updates = 0;
    doc.on('update', () => {
      updates += 1;
    });
    fillDocument(doc, notebook);
    expect(updates).toBe(1);
    expect(readDocument(doc)).toEqual(notebook);
  });

  it('WD11 finds cells and their sources', () => {
    const doc = filled(notebook);
    expect(cellsOf(doc).length).toBe(3);
    const cell = cellOf(doc, 'b');
    expect(cell === undefined ? undefined : sourceOf(cell)).toBe('# b');
    expect(cellOf(doc, 'z')).toBeUndefined();
  });
});

describe('a document that somebody has written anything into', () => {
  it('WD12 is read as a valid notebook', () => {
    const doc = filled(notebook);
    const cells = doc.getArray<unknown>('cells');
    const outputs = Y.Array.from<never>([
      'no output',
      { output_type: 'pyout' },
      { output_type: 'stream', text: ['a', 'b'] },
      new Y.Map<unknown>([
        ['output_type', 'display_data'],
        ['data', { 'text/plain': 5, 'text/html': ['<', '>'] }],
      ]),
      { output_type: 'execute_result', execution_count: -1 },
      { output_type: 'error', traceback: [1] },
    ] as never[]);
    cells.insert(0, [
      7,
      new Y.Array(),
      new Y.Map<unknown>([
        ['id', 'a'],
        ['cell_type', 'code'],
        ['source', 5],
        ['outputs', outputs],
        ['execution_count', 'x'],
      ]),
      new Y.Map<unknown>([
        ['id', '../..'],
        ['cell_type', 'heading'],
        ['metadata', new Y.Map([['__proto__', { x: 1 }]])],
      ]),
    ]);
    doc.getMap('meta').set('metadata', 'none');
    doc.getMap('carrel').set('extra', { cells: [], nbformat: 3, kept: new Uint8Array(2), ok: 1 });
    const read = readDocument(doc);
    expect(parseNotebook(formatNotebook(read))).toEqual(read);
    expect(read).toMatchObject({ nbformat: 4, metadata: {}, ok: 1 });
    expect(read.cells).toHaveLength(5);
    expect(read.cells[0]).toEqual(
      code({
        outputs: [
          { output_type: 'stream', name: 'stdout', text: 'ab' },
          { output_type: 'display_data', data: { 'text/plain': '5', 'text/html': '<>' }, metadata: {} },
          { output_type: 'execute_result', data: {}, metadata: {}, execution_count: null },
          { output_type: 'error', ename: '', evalue: '', traceback: ['1'] },
        ],
      }),
    );
    expect(read.cells[1]).toMatchObject({ cell_type: 'raw', source: '', metadata: {} });
  });

  it('WD13 gets its ids repaired: the later of two that were moved at the same time, and what is none', () => {
    const doc = filled(notebook);
    const other = received(doc);
    for (const one of [doc, other]) {
      const cells = cellsOf(one);
      cells.delete(0, 1);
      cells.push([makeCell(notebook.cells[0] as never)]);
    }
    received(other, doc);
    cellsOf(doc).push([new Y.Map()]);
    expect(cellsOf(doc).map((cell) => cell.get('id'))).toEqual(['b', 'c', 'a', 'a', undefined]);
    expect(repairCells(doc)).toBe(2);
    const ids = cellsOf(doc).map((cell) => cell.get('id'));
    expect(ids.slice(0, 3)).toEqual(['b', 'c', 'a']);
    expect(new Set(ids).size).toBe(5);
    expect(repairCells(doc)).toBe(0);
  });
});

/** Which kind of value stands at which place, four levels deep: below that everything is plain. */
function shape(doc: Y.Doc): unknown {
  const kind = (value: unknown): unknown => {
    if (value instanceof Y.Text) return 'text';
    if (value instanceof Y.Array) return { array: value.toArray().map(kind) };
    if (value instanceof Y.Map)
      return { map: Object.fromEntries([...value.entries()].map(([key, item]) => [key, kind(item)])) };
    return 'plain';
  };
  return { meta: kind(doc.getMap('meta')), cells: kind(doc.getArray('cells')) };
}
