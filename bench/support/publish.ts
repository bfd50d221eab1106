/**
 * The documents that a complete run writes: docs/figures.json (page.json, growth.json), the blocks of docs/FIGURES.md and README.md
 * between their marks, and the picture. What stands outside of the marks is written by hand and stays.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import { picture } from './picture.ts';
import type { Results } from './results.ts';
import type { Suite } from './row.ts';
import { cellsOf, HEAD, markdownTable, measuredText } from './text.ts';

const begin = (name: string) => `<!-- ${name}: written by npm run bench -->`;
const end = (name: string) => `<!-- ${name}: end -->`;

/** Answers the paths below `root` that it wrote. */
export async function publish(suite: Suite, results: Results, root: string): Promise<string[]> {
  const json = `docs/${suite}.json`;
  await writeFile(join(root, json), `${JSON.stringify(results, undefined, 2)}\n`);
  await replaceBlock(join(root, 'docs/FIGURES.md'), suite, suiteText(results));
  if (suite !== 'figures') return [json, 'docs/FIGURES.md'];
  await writeFile(
    join(root, 'docs/figures.svg'),
    picture(bestOf(results), `Measured ${results.date} by npm run bench`),
  );
  await replaceBlock(join(root, 'README.md'), suite, readmeText(results));
  return [json, 'docs/FIGURES.md', 'docs/figures.svg', 'README.md'];
}

/** Throws where the marks are missing. */
export function withBlock(text: string, name: string, block: readonly string[]): string {
  const [from, to] = [text.indexOf(begin(name)), text.indexOf(end(name))];
  if (from < 0 || to < from) throw new Error(`expected the marks ${begin(name)} and ${end(name)}`);
  return `${text.slice(0, from)}${begin(name)}\n\n${block.join('\n')}\n\n${text.slice(to)}`;
}

async function replaceBlock(path: string, name: string, block: readonly string[]): Promise<void> {
  await writeFile(path, withBlock(await readFile(path, 'utf8'), name, block));
}

export function suiteText({ date, command, machine, direct, rows }: Results): string[] {
  const words = command.replace(/ --json \S+/, '').replace(/ --$/, '');
  const { processor, cores, memory, system, kernel, engine, node, load } = machine;
  const figures = rows.flatMap((row) => row.figures);
  const tables = rows.flatMap((row) => row.tables);
  return [
    `${date}, \`${words}\`: ${processor}, ${cores} cores, ${memory} GiB, ${system}, Linux ${kernel}, ${engine}, Node ${node}; ${direct}.`,
    `Load before the first row: ${load}.`,
    '',
    ...markdownTable(HEAD, figures.map(cellsOf)),
    ...tables.flatMap(({ title, head, rows: cells, notes }) => [
      ...['', `### ${title}`, '', ...markdownTable(head, cells)],
      ...(notes.length > 0 ? ['', ...notes.map((note) => `- ${note}`)] : []),
    ]),
    '',
    '### How each was measured',
    '',
    ...figures.flatMap(({ title, how, notes }) => [`- **${title}**: ${[how, ...notes].join('; ')}.`]),
  ];
}

/** The four rows that say most to whoever meets the program for the first time. */
const BEST = ['execute', 'open.pool', 'restart', 'memory'] as const;

function bestOf(results: Results): Figure[] {
  const figures = results.rows.flatMap((row) => row.figures);
  return BEST.flatMap((name) => figures.filter((figure) => figure.name === name));
}

function readmeText(results: Results): string[] {
  const { machine, date } = results;
  const rows = bestOf(results).map((figure) => [
    figure.title,
    measuredText(figure),
    figure.direct === undefined ? '' : measuredText({ measured: figure.direct, unit: figure.unit }),
  ]);
  const where = `${machine.cores} cores, ${machine.memory} GiB, Linux ${machine.kernel.split('-')[0]}`;
  return [
    '![Carrel beside ipykernel driven directly, the medians as bars](docs/figures.svg)',
    '',
    ...markdownTable(['p50 / p95 / max', 'Carrel, in a sandbox', 'ipykernel directly, without'], rows),
    '',
    `Measured ${date} on ${where} by \`npm run bench\`, both in the same run. [docs/FIGURES.md](docs/FIGURES.md) has all of them, how each was measured, and what holds it.`,
  ];
}
