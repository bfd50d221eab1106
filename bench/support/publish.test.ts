import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { figure } from './figure.ts';
import { publish, withBlock } from './publish.ts';
import type { Results } from './results.ts';
import { summary } from './stats.ts';
import { measuredText } from './text.ts';

const execute = figure({
  ...{ name: 'execute', title: 'execute `1+1` <fast>', how: 'from here to there', unit: 'ms' },
  ...{ samples: [1.5, 2, 2.5], direct: [6, 8, 7], targets: { p50: 2, ratio: 0.4 }, notes: ['a note'] },
});
const results: Results = {
  ...{ date: '2026-11-22', command: 'npm run bench', quick: false, direct: 'ipykernel 6.17.0' },
  machine: {
    ...{ processor: 'a processor', cores: 2, memory: 24, system: 'Debian', kernel: '6.18.0-x', engine: 'docker 20.10' },
    ...{ node: 'v26', load: 0.1 },
  },
  rows: [{ name: 'execute', seconds: 3, figures: [execute], tables: [] }],
};

it('a figure holds its samples against the targets and the direct ipykernel', () => {
  expect(execute).toMatchObject({ ratio: 2 / 7, reached: true, measured: { n: 3, p50: 2, p95: 2.5, max: 2.5 } });
  const missed = figure({ ...execute, samples: [2.1], targets: { p50: 2 }, direct: [7] });
  expect(missed.reached).toBe(false);
  const held = { ...execute, samples: [1], direct: [7], holds: [[false, 'three lines lost']] as [boolean, string][] };
  expect(figure(held)).toMatchObject({ reached: false, notes: ['a note', 'three lines lost'] });
  expect(measuredText(execute)).toBe('2 / 2.50 / 2.50 ms');
});

it('quantiles are of the samples themselves', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(summary(hundred)).toEqual({ n: 100, min: 1, p50: 50.5, p95: 95, max: 100 });
  expect(summary([3])).toEqual({ n: 1, min: 3, p50: 3, p95: 3, max: 3 });
  expect(() => summary([])).toThrow('expected samples');
});

it('what stands outside of the marks is kept, and marks that are missing are named', () => {
  const marks = ['<!-- figures: written by npm run bench -->', '<!-- figures: end -->'];
  const once = withBlock(`before\n${marks.join('\nold\n')}\nafter\n`, 'figures', ['new']);
  expect(once).toBe(`before\n${marks[0]}\n\nnew\n\n${marks[1]}\nafter\n`);
  expect(withBlock(once, 'figures', ['new'])).toBe(once);
  expect(() => withBlock('nothing', 'figures', [])).toThrow('expected the marks');
});

it('a suite that was not measured says so until its first complete run', async () => {
  const shipped = await readFile(join(import.meta.dirname, '../../docs/FIGURES.md'), 'utf8');
  for (const suite of ['figures', 'page', 'growth', 'load'])
    expect(withBlock(shipped, suite, ['new']).match(new RegExp(`<!-- ${suite}: written.*?end -->`, 's'))?.[0]).toBe(
      `<!-- ${suite}: written by npm run bench -->\n\nnew\n\n<!-- ${suite}: end -->`,
    );
  const all = ['figures', 'page', 'growth', 'load'].reduce((text, suite) => withBlock(text, suite, ['new']), shipped);
  expect(all).not.toContain('not measured');
});

it('the documents carry machine, date, command and every figure', async () => {
  const root = await mkdtemp(join(tmpdir(), 'carrel-figures-'));
  try {
    await mkdir(join(root, 'docs'));
    const shipped = join(import.meta.dirname, '../..');
    for (const path of ['docs/FIGURES.md', 'README.md'])
      await writeFile(join(root, path), await readFile(join(shipped, path), 'utf8'));
    const written = await publish('figures', results, root);
    expect(written).toEqual(['docs/figures.json', 'docs/FIGURES.md', 'docs/figures.svg', 'README.md']);
    const [json = '', figures = '', svg = '', readme = ''] = await Promise.all(
      written.map((path) => readFile(join(root, path), 'utf8')),
    );
    expect(JSON.parse(json)).toEqual(results);
    for (const words of [
      '2026-11-22',
      'npm run bench',
      'a processor',
      '2 / 2.50 / 2.50 ms',
      'from here to there',
      '0.29',
    ])
      expect(figures).toContain(words);
    expect(svg).toContain('execute 1+1 &#60;fast&#62;');
    expect(readme).toContain('2 / 2.50 / 2.50 ms');
    expect(readme).toContain('## Two commands');
  } finally {
    await rm(root, { recursive: true });
  }
});
