/** docs/spec/worksheet-document.md */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatNotebook, parseNotebook } from '../../wire/notebook.ts';
import { bunzip2 } from './bzip2.ts';
import { importSws, notebookOfSage } from './import-sws.ts';

/** Made by Python's tarfile and bz2: worksheet.html, a pickle and a file of another name. */
const SWS = readFileSync(join(import.meta.dirname, '../../../../test/golden/sage/primes.sws'));
/** Two streams one behind the other: a million times "a" in ten blocks, and "tail". */
const STREAMS = Buffer.from(
  'QlpoMTFBWSZTWZe+3DgAB6iBQKAAAAIACCAAMMwJqmmVJDapSQ8XckU4UJCXvtw4QlpoOTFBWSZTWWQbDTYAAAGBgCAkBAAgACGaaDNNEzxdyRThQkGQbDTY',
  'base64',
);
const shown = (text: string): unknown[] =>
  notebookOfSage(text).cells.map((cell) =>
    cell.cell_type === 'code' ? [cell.source, ...cell.outputs.map((output) => output['text'])] : cell.source,
  );

describe('Sage worksheets', () => {
  it('WD41 become notebooks: inputs, the text between them, outputs as text', () => {
    const notebook = importSws(SWS);
    expect(notebook.cells).toMatchObject([
      { cell_type: 'markdown', source: '<h1>Primes</h1>\n<p>Some $x$ text &amp; more</p>' },
      { cell_type: 'code', source: 'factor(2^61-1)', outputs: [{ name: 'stdout', text: '2305843009213693951\n' }] },
      { cell_type: 'code', source: 'plot(sin)\nshow(x)', outputs: [{ text: 'a < b\nc\n' }] },
      { cell_type: 'markdown', source: '<p>end</p>' },
      { cell_type: 'code', source: '1+1', outputs: [] },
    ]);
    expect(parseNotebook(formatNotebook(notebook))).toEqual(notebook);
  });

  it.each([
    ['', []],
    ['{{{id=1|\n}}}', [['']]],
    ['{{{\r\n%html\r\na | b\r\n///\r\n}}}', [['%html\na | b']]],
    ['{{{id=0|\nd = {1: {2: 3}}\n///\n{{1}}\n}}}\n{{{id=5|\nx', [['d = {1: {2: 3}}', '{{1}}\n'], ['x']]],
    ['{{{id=1|\n///\nout\n}}}', [['', 'out\n']]],
  ])('WD41 are read whatever their cells hold: %j', (text, cells) => {
    expect(shown(text)).toEqual(cells);
  });

  it('WD41 keep the title of the older kind', () => {
    const notebook = notebookOfSage('My sheet\nsystem:sage\n\n{{{\n1\n}}}');
    expect(notebook.metadata).toEqual({ title: 'My sheet' });
    expect(notebook.cells).toHaveLength(1);
  });
});

describe('archives', () => {
  it('WD42 are unpacked, also of several blocks and streams', () => {
    expect(Buffer.from(bunzip2(STREAMS, 2_000_000)).toString()).toBe(`${'a'.repeat(1_000_000)}tail`);
  });

  it('WD42 that unpack to too much are refused', () => {
    expect(() => bunzip2(STREAMS, 999_999)).toThrow(expect.objectContaining({ code: 'too_large' }));
  });

  it('WD42 that are damaged or none are refused, whatever byte it is', () => {
    for (const none of [Buffer.alloc(0), Buffer.from('PK'), Buffer.from('BZh0aaaa'), SWS.subarray(0, 300)])
      expect(() => importSws(none)).toThrow(expect.objectContaining({ code: 'bad_request' }));
    for (let at = 4; at < SWS.length; at += 1) {
      const broken = Buffer.from(SWS);
      broken[at] = (broken[at] ?? 0) ^ 0xff;
      expect(() => importSws(broken), `byte ${at}`).toThrow(expect.objectContaining({ code: 'bad_request' }));
    }
  });

  it('WD42 without a worksheet are refused', () => {
    const nothing = Buffer.from('QlpoORdyRThQkAAAAAA=', 'base64');
    expect(() => importSws(nothing)).toThrow('no worksheet.html');
  });
});
