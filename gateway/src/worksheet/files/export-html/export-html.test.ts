/** docs/spec/worksheet-export.md */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { beforeEach, expect, it, test } from 'vitest';
import { type Cell, type Output, parseNotebook } from '../../../wire/notebook.ts';
import { exportHtml } from './export-html.ts';
import { sanitised } from './sanitise.ts';

const katex = createRequire(import.meta.url).resolve('katex/dist/katex.min.css');
const asked: string[] = [];
const files = {
  style: '',
  katexStyle: readFileSync(katex, 'utf8'),
  katexFont: (file: string) => {
    asked.push(file);
    return readFileSync(join(dirname(katex), 'fonts', file)).toString('base64');
  },
};
beforeEach(() => {
  asked.length = 0;
});

const exported = (cells: object[], more: { language?: 'en' | 'de'; metadata?: object } = {}): string => {
  const notebook = parseNotebook(
    JSON.stringify({ nbformat: 4, nbformat_minor: 4, metadata: more.metadata ?? {}, cells }),
  );
  return exportHtml({ title: '<Tides>', notebook, language: more.language ?? 'en' }, files, 'n0nce');
};
const text = (source: string): Partial<Cell> => ({ cell_type: 'markdown', metadata: {}, source });
const code = (source: string, outputs: (Partial<Output> | object)[] = [], metadata: object = {}) => ({
  ...{ cell_type: 'code', metadata, source, outputs, execution_count: null },
});
const display = (data: object) => ({ output_type: 'display_data', metadata: {}, data });
const policies = (html: string): string[] =>
  [...html.matchAll(/Security-Policy" content="([^"]*)"/g)].map(([, policy = '']) => policy.replaceAll('&#39;', "'"));

it('WX4 a file without frames has one policy, which lets no script run', () => {
  const found = policies(exported([text('# x'), code('1 + 1')]));
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(/^default-src 'none'; style-src/);
  expect(found[0]).not.toContain('script-src');
});

it('WX5 a file with frames asks scripts for the nonce and for standing in their document', () => {
  const html = exported([code('', [display({ 'text/html': '<script>parent.x = 1</script>' })])]);
  expect(policies(html).map((policy) => /script-src ([^;]*)/.exec(policy)?.[1])).toEqual([
    "'nonce-n0nce' 'unsafe-eval'",
    "'unsafe-inline' 'unsafe-eval'",
  ]);
  expect(html.replace(/srcdoc="[^"]*"/g, '')).not.toContain('<script');
});

it('WX2 of the fonts of KaTeX those are in the file that its formulas use, and none without a formula', () => {
  expect(exported([text('no formula for $5 and $6')])).not.toContain('katex');
  expect(asked).toEqual([]);
  const plain = exported([text('$x + 1$')]);
  expect([...asked].sort()).toEqual(['KaTeX_Main-Regular.woff2', 'KaTeX_Math-Italic.woff2']);
  expect(plain).toContain('src:url(data:font/woff2;base64,');
  expect(plain).not.toContain('url(fonts/');
  asked.length = 0;
  exported([text('$\\mathbb{R} \\mathbf{b} \\textit{\\textbf{x}} \\Bigl($')]);
  expect([...asked].sort()).toEqual(
    expect.arrayContaining(['KaTeX_AMS-Regular.woff2', 'KaTeX_Main-BoldItalic.woff2', 'KaTeX_Size2-Regular.woff2']),
  );
});

it('WX3 source is coloured by the language of the notebook, and text blocks by their own', () => {
  const r = { language_info: { name: 'R' } };
  expect(exported([code('f <- function(x) 1')], { metadata: r })).toContain(
    '<span class="tok-keyword">function</span>',
  );
  expect(exported([code('def f(): pass')])).toContain('<span class="tok-keyword">def</span>');
  expect(exported([text('```js\nlet a = "<b>"\n```')])).toContain(
    '<span class="tok-string">&quot;&lt;b&gt;&quot;</span>',
  );
  expect(exported([code('<b>&amp;')], { metadata: { language_info: { name: 'unknown' } } })).toContain(
    '<code>&lt;b&gt;&amp;amp;</code>',
  );
});

it('WX3 terminal text keeps its colours, carriage returns and what looks like markup', () => {
  const html = exported([
    code('', [{ output_type: 'stream', name: 'stdout', text: '10 %\r\x1b[31m<b>20\x1b[0m \x1b[38;5;208m%\x1b[0m\n' }]),
  ]);
  expect(html).toContain('<span class="ansi-red-fg">&lt;b&gt;20</span>');
  expect(html).toContain('<span style="color:rgb(255, 135, 0)">%</span>');
});

it('WX3 what the worksheet hides is folded', () => {
  const out = [{ output_type: 'stream', name: 'stdout', text: 'out' }];
  const html = exported([
    code('source', out, { jupyter: { source_hidden: true } }),
    code('b', out, { collapsed: true }),
  ]);
  expect(html.match(/<details><summary>[^<]*<\/summary>\s*<(?:pre|div) class="(\w+)"/g)).toHaveLength(2);
});

it('WX6 widgets without a state show what else their output has', () => {
  const view = { 'application/vnd.jupyter.widget-view+json': { model_id: 'gone' } };
  expect(exported([code('', [display({ ...view, 'text/plain': 'IntSlider(value=3)' })])])).toContain(
    'IntSlider(value=3)',
  );
  expect(exported([code('', [display(view)])])).toContain('A widget whose state was not saved.');
});

it('WX9 its words are in the language that was asked for, and its title is text', () => {
  const html = exported([code('', [display({ 'x/unknown': '' })])], { language: 'de' });
  expect(html).toContain('<html lang="de">');
  expect(html).toContain('Eine Ausgabe der Art x/unknown');
  expect(html).toContain('<title>&lt;Tides&gt;</title>');
});

test.each([
  ['<a href="javascript:alert(1)" target=_top>x</a>', '<a>x</a>'],
  ['<a href=" java\nscript:alert(1)">x</a>', '<a>x</a>'],
  [
    '<a href="data:text/html,x">x</a><a href="file:///etc">y</a><a href="/api">z</a><a href="//x.org">w</a>',
    '<a>x</a><a>y</a><a>z</a><a>w</a>',
  ],
  [
    '<a href="https://x.org/?a=1&b">x</a>',
    '<a href="https://x.org/?a&#61;1&amp;b" target="_blank" rel="noopener noreferrer">x</a>',
  ],
  ['<img src="https://x.org/a.png" onerror=alert(1)>', '<img alt="" />'],
  [
    '<img src="data:image/png;base64,AAAA" srcset="x 2x" id=a style="position:fixed">',
    '<img src="data:image/png;base64,AAAA" alt="" />',
  ],
  ['<p class="dataframe cell head" id=x name=y style="z" onclick=a>k</p>', '<p class="dataframe">k</p>'],
  ['<form><input name=a><button>go</button></form><svg><script>1</script></svg><style>a{}</style>k', 'gok'],
])('WX4 %s is left as %s', (given, left) => {
  expect(sanitised(given).replaceAll('&#61;', '=')).toBe(left.replaceAll('&#61;', '='));
});

it('the colours of terminals and of code are those of the page', () => {
  const rules = (sheet: string): string[] =>
    [...sheet.matchAll(/((?:\.(?:ansi|tok)-[\w.,\s-]+)+)\{\s*([^}]*?)\s*\}/g)].map(([, selector = '', body = '']) =>
      `${selector}{${body}}`.replace(/\s+/g, ' '),
    );
  const read = (path: string) => readFileSync(join(import.meta.dirname, path), 'utf8');
  const own = rules(read('style.css'));
  const page = new Set(
    ['outputs.css', 'editor.css'].flatMap((file) => rules(read(`../../../../web/src/styles/${file}`))),
  );
  expect(own.length).toBeGreaterThan(20);
  expect(own.filter((rule) => !page.has(rule))).toEqual([]);
});
