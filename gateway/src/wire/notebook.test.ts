/** Notebook files in and out: docs/spec/worksheet-document.md. */
import { globSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatNotebook, type Notebook, parseNotebook } from './notebook.ts';

const file = (value: object): string => JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, ...value });
const code = (more: object = {}) => ({
  id: 'a',
  cell_type: 'code',
  metadata: {},
  source: '',
  outputs: [],
  execution_count: null,
  ...more,
});
const cells = (...list: object[]): Notebook => parseNotebook(file({ cells: list }));

describe('reading', () => {
  it('WD1 keeps what the format does not know, wherever it stands', () => {
    const notebook = {
      nbformat: 4,
      nbformat_minor: 5,
      metadata: { kernelspec: { name: 'python3' }, widgets: { state: [1, 2.5, null] } },
      more: { of: ['it'] },
      cells: [
        code({
          odd: 1,
          execution_count: 0,
          outputs: [
            {
              output_type: 'display_data',
              data: { 'application/x-unheard': 'x', 'application/a+json': ['1', '2'], 'text/plain': 'p' },
              metadata: { isolated: true },
              odd: 2,
            },
            { output_type: 'execute_result', data: {}, metadata: {}, execution_count: 3 },
            { output_type: 'stream', name: 'stderr', text: 'a\nb' },
            { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['1\n2', '3'] },
          ],
        }),
        {
          id: 'b',
          cell_type: 'markdown',
          metadata: { tags: ['x'] },
          source: '![](attachment:i.png)',
          attachments: { 'i.png': { 'image/png': 'AA==' } },
        },
        { id: 'c', cell_type: 'raw', metadata: { format: 'rst' }, source: 'r', outputs: [] },
      ],
    };
    expect(parseNotebook(JSON.stringify(notebook))).toEqual(notebook);
    expect(parseNotebook(formatNotebook(parseNotebook(JSON.stringify(notebook))))).toEqual(notebook);
  });

  it('WD2 joins text, but no JSON types', () => {
    const data = { 'text/html': ['<b>\n', '</b>'], 'application/json': ['a', 'b'], 'application/vnd.x+json': ['c'] };
    const attachments = { f: { 'text/plain': ['a\n', 'b'] } };
    const notebook = cells(
      code({
        source: ['x\n', 'y'],
        outputs: [
          { output_type: 'stream', name: 'stdout', text: ['a\n', 'b\n'] },
          { output_type: 'display_data', data, metadata: {} },
        ],
      }),
      { id: 'b', cell_type: 'raw', metadata: {}, source: [], attachments },
    );
    expect(notebook.cells).toMatchObject([
      { source: 'x\ny', outputs: [{ text: 'a\nb\n' }, { data: { ...data, 'text/html': '<b>\n</b>' } }] },
      { source: '', attachments: { f: { 'text/plain': 'a\nb' } } },
    ]);
  });

  it.each([0, 1, 2, 3, 4])('WD3 brings 4.%i to 4.5: every cell gets an id', (nbformat_minor) => {
    const { id: _, ...without } = code();
    const list = [without, without, code({ id: 'kept' }), code({ id: 'not one!' })];
    const notebook = parseNotebook(file({ nbformat_minor, cells: list }));
    expect(notebook.nbformat_minor).toBe(5);
    expect(notebook.cells[2]?.id).toBe('kept');
    const ids = notebook.cells.map((cell) => cell.id);
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9-_]{1,64}$/);
  });

  it('WD3 gives a doubled id to the first cell that has it, and makes what is missing', () => {
    const [first, second, third] = cells(code(), code(), code({ id: undefined })).cells;
    expect(first?.id).toBe('a');
    expect(new Set([first?.id, second?.id, third?.id]).size).toBe(3);
  });

  it('WD4 leaves out what says how a notebook was opened', () => {
    const metadata = { orig_nbformat: 3, orig_nbformat_minor: 1, signature: 's', title: 't' };
    const notebook = parseNotebook(file({ metadata, cells: [code({ metadata: { trusted: true, name: 'n' } })] }));
    expect(notebook.metadata).toEqual({ title: 't' });
    expect(notebook.cells[0]?.metadata).toEqual({ name: 'n' });
  });

  it('WD5 takes halves of surrogate pairs for U+FFFD', () => {
    const text = file({ cells: [code({ source: ['a\ud83d', '\ude00'] })], metadata: { 'k\udc00': 'v\udc00' } });
    const notebook = parseNotebook(text);
    expect(notebook.cells[0]?.source).toBe('a😀');
    expect(notebook.metadata).toEqual({ 'k\ufffd': 'v\ufffd' });
  });

  it('WD5 keeps NaN and infinities, which Python writes, and the same words within strings', () => {
    const text = file({ cells: [], metadata: { 'NaN\\"': 'Infinity NaN "NaN" number', list: [1.5] } });
    const written = text.replace('[1.5]', '[NaN, -Infinity, Infinity, 1e999, "NaN", -1]');
    const notebook = parseNotebook(written);
    expect(notebook.metadata).toEqual({
      'NaN\\"': 'Infinity NaN "NaN" number',
      list: [Number.NaN, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 'NaN', -1],
    });
    const again = formatNotebook(notebook);
    expect(again.replaceAll(/\s+/g, ' ')).toContain('[ NaN, -Infinity, Infinity, Infinity, "NaN", -1 ]');
    expect(formatNotebook(parseNotebook(again))).toBe(again);
    expect(() => parseNotebook('{"a": NaN, "b": nan}')).toThrow('expected a value (line 1, column 17)');
  });
});

describe('refusals', () => {
  const stream = (more: object) => code({ outputs: [{ output_type: 'stream', name: 'stdout', text: '', ...more }] });
  const display = (data: unknown) => code({ outputs: [{ output_type: 'display_data', metadata: {}, data }] });
  it.each([
    ['[]', 'the file is no JSON: expected an object (line 1, column 1)'],
    ['{"a": 1,\n "b" 2}', 'the file is no JSON: expected ":" (line 2, column 6)'],
    [`{"a":${'['.repeat(600)}`, 'the file is too complex: expected at most 512 levels (line 1, column 517)'],
    ['{}', 'nbformat: expected 4, found nothing'],
    [
      file({ nbformat: 3 }),
      'nbformat: expected 4 (Jupyter converts older notebooks: jupyter nbconvert --to notebook), found 3',
    ],
    [file({ nbformat_minor: 6 }), 'nbformat_minor: expected a number from 0 to 5, found 6'],
    [file({ metadata: [] }), 'metadata: expected an object, found an array'],
    [file({}), 'cells: expected an array, found nothing'],
    [file({ cells: [7] }), 'cells[0]: expected an object, found 7'],
    [
      file({ cells: [code(), code({ id: 'b', cell_type: 'heading' })] }),
      'cells[1].cell_type: expected "code", "markdown", "raw", found "heading"',
    ],
    [
      file({ cells: [code({ id: 'a b' })] }),
      'cells[0].id: expected 1 to 64 of letters, digits, "-" and "_", found "a b"',
    ],
    [file({ cells: [code({ source: 5 })] }), 'cells[0].source: expected a string or an array of strings, found 5'],
    [file({ cells: [code({ source: ['', {}] })] }), 'cells[0].source[1]: expected a string, found an object'],
    [
      file({ cells: [code({ execution_count: 1.5 })] }),
      'cells[0].execution_count: expected null or a whole number from 0, found 1.5',
    ],
    [
      file({ cells: [code({ outputs: [{ output_type: 'pyout' }] })] }),
      'cells[0].outputs[0].output_type: expected "stream", "display_data", "execute_result", "error", found "pyout"',
    ],
    [file({ cells: [stream({ name: null })] }), 'cells[0].outputs[0].name: expected a string, found null'],
    [
      file({ cells: [display({ 'text/plain': {} })] }),
      'cells[0].outputs[0].data["text/plain"]: expected a string or an array of strings, found an object',
    ],
    [file({ cells: [display(undefined)] }), 'cells[0].outputs[0].data: expected an object, found nothing'],
    [
      `{"nbformat":4,"nbformat_minor":5,"cells":[],"metadata":{"a":[{"__proto__":{}}]}}`,
      'metadata.a[0]: expected no key __proto__, found "__proto__"',
    ],
  ])('WD6 names the place: %s', (text, message) => {
    expect(() => parseNotebook(text)).toThrow(expect.objectContaining({ code: 'bad_request', message }));
  });
});

describe('writing', () => {
  it('WD7 is what the nbformat package writes, byte for byte', () => {
    const golden = readFileSync(new URL('notebook.golden.ipynb', import.meta.url), 'utf8');
    expect(formatNotebook(parseNotebook(golden))).toBe(golden);
  });

  it('WD7 sorts keys by code points, splits where Python does and writes its numbers', () => {
    const metadata = { '\u{1f600}': 1e-7, '\uffff': -0, a: 1e21, b: 0.00012, c: [], d: {}, e: 1e-12 };
    const notebook = cells(code({ source: 'a\r\nb\rc\fd\x1ee\u2028f\n\ng' }));
    const text = formatNotebook({ ...notebook, metadata });
    expect(text).toContain('"a": 1e+21,\n  "b": 0.00012,\n  "c": [],\n  "d": {},\n  "e": 1e-12,\n  "\uffff": -0.0,\n');
    expect(text).toContain('  "\u{1f600}": 1e-07\n }');
    const [first] = (JSON.parse(text) as { cells: { source: string[] }[] }).cells;
    expect(first?.source).toEqual(['a\r\n', 'b\r', 'c\f', 'd\x1e', 'e\u2028', 'f\n', '\n', 'g']);
  });
});

describe('round trips', () => {
  const golden = globSync('test/golden/notebooks/*.ipynb');
  it.each(golden)('WD1 %s comes out as it went in', (path) => {
    const notebook = parseNotebook(readFileSync(path, 'utf8'));
    expect(notebook.cells.length).toBeGreaterThan(0);
    expect(parseNotebook(formatNotebook(notebook))).toEqual(notebook);
  });

  it('WD1 any notebook comes out as it went in', () => {
    fc.assert(
      fc.property(anyNotebook, (notebook) => {
        const text = formatNotebook(notebook);
        expect(parseNotebook(text)).toEqual(notebook);
        expect(formatNotebook(parseNotebook(text))).toBe(text);
      }),
      { numRuns: 200 },
    );
  });
});

const text = fc.string({
  unit: fc.constantFrom('a', '\n', '\r', '"', '\\', 'é', '😀', '\u2028', '\x1b', '\f', '\x00'),
});
const json = fc
  .jsonValue({ noUnicodeString: false, maxDepth: 3 })
  .filter((value) => !JSON.stringify(value).includes('__proto__'));
const key = fc.string({ maxLength: 8 }).map((name) => `x-${name}`);
const unknown = fc.dictionary(key, json, { maxKeys: 3, noNullPrototype: true });
const bundle = fc
  .record(
    { 'text/html': text, 'application/json': json, 'image/png': text, 'application/vnd.a.v1+json': json },
    { requiredKeys: [] },
  )
  .map((value) => ({ ...value }));
const count = fc.option(fc.nat());
const output = fc.oneof(
  fc.record({ output_type: fc.constant('stream'), name: fc.constantFrom('stdout', 'stderr'), text }),
  fc.record({ output_type: fc.constant('display_data'), data: bundle, metadata: unknown }),
  fc.record({ output_type: fc.constant('execute_result'), data: bundle, metadata: unknown, execution_count: count }),
  fc.record({
    output_type: fc.constant('error'),
    ename: text,
    evalue: text,
    traceback: fc.array(text, { maxLength: 3 }),
  }),
);
const cell = fc
  .tuple(
    unknown,
    fc.oneof(
      fc.record({
        cell_type: fc.constant('code'),
        outputs: fc.array(output, { maxLength: 4 }),
        execution_count: count,
      }),
      fc.record({ cell_type: fc.constant('markdown') }),
      fc.record({ cell_type: fc.constant('raw'), attachments: fc.dictionary(key, bundle, { noNullPrototype: true }) }),
    ),
    fc.record({ source: text, metadata: unknown }),
  )
  .map(([more, own, common]) => ({ ...more, ...own, ...common }));
const anyNotebook = fc.record({ more: unknown, metadata: unknown, list: fc.array(cell, { maxLength: 5 }) }).map(
  ({ more, metadata, list }) =>
    ({
      ...more,
      nbformat: 4,
      nbformat_minor: 5,
      metadata,
      cells: list.map((one, index) => ({ ...one, id: `c${index}` })),
    }) as unknown as Notebook,
);
