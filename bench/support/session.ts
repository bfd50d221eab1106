/** One run of the suite: row after row, each told as it comes; at the end the table, the file of results, and the documents. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { installPackages, isDebian } from '../../setup/debian.mjs';
import { root } from '../../setup/dependencies.mjs';
import { IMAGE } from '../../setup/kernel-image.ts';
import { step } from '../../setup/steps.mjs';
import { rows } from '../rows/index.ts';
import { directVersions } from './direct.ts';
import { describeMachine } from './machine.ts';
import { publish } from './publish.ts';
import type { Results, RowResult } from './results.ts';
import type { Bench, Row, Suite } from './row.ts';
import { figureLines, tableLines } from './text.ts';

/** What only the benchmarks need, by Debian's names: the peer that is driven directly. */
const PACKAGES = ['python3-jupyter-client', 'python3-ipykernel'];

export interface Options {
  readonly quick: boolean;
  readonly image: string;
  /** Where the results go; without it, to standard output only. */
  readonly json?: string | undefined;
  print(line: string): void;
}

/** Sets the exit status where a row failed. The documents are written by complete runs of the image that is shipped. */
export async function measureRows(chosen: readonly Row[], { quick, image, json, print }: Options): Promise<void> {
  if (isDebian()) await step('installing the peer that is driven directly', (note) => installPackages(PACKAGES, note));
  const words = process.argv.slice(2);
  const command = ['npm run bench', ...(words.length > 0 ? ['--', ...words] : [])].join(' ');
  const machine = await describeMachine();
  const direct = await directVersions();
  const { processor, cores, memory, system, kernel, engine } = machine;
  print(`${command}\n${processor}, ${cores} cores, ${memory} GiB, ${system}, Linux ${kernel}, ${engine}\n${direct}`);
  const measured: RowResult[] = [];
  const bench: Bench = { quick, image, say: (line) => print(`   ${line}`) };
  for (const row of chosen) measured.push(await measureRow(row, bench, print));
  const date = new Date().toISOString().slice(0, 10);
  const results: Results = { date, command, quick, machine, direct, rows: measured };
  print('');
  for (const line of tableLines(measured.flatMap(({ figures }) => figures))) print(line);
  if (json !== undefined) await writeFile(resolve(json), `${JSON.stringify(results, undefined, 2)}\n`);
  const failed = measured.filter(({ failure }) => failure !== undefined);
  if (failed.length > 0) {
    print(`\nnot measured: ${failed.map(({ name }) => name).join(', ')}`);
    process.exitCode = 1;
  } else if (!quick && image === IMAGE) {
    for (const suite of ['figures', 'page', 'growth', 'load'] as const) {
      if (!isComplete(suite, measured)) continue;
      for (const path of await publish(suite, ofSuite(suite, results), root)) print(`written: ${path}`);
    }
  }
}

async function measureRow(row: Row, bench: Bench, print: (line: string) => void): Promise<RowResult> {
  print(`\n━━ ${row.name}: ${row.title} ━━`);
  const begun = performance.now();
  const seconds = () => Math.round((performance.now() - begun) / 1000);
  try {
    const { figures, tables = [] } = await row.measure(bench);
    for (const figure of figures) for (const line of figureLines(figure)) print(line);
    for (const table of tables) for (const line of tableLines([], table)) print(line);
    print(`━━ ${row.name}: ${seconds()} s`);
    return { name: row.name, seconds: seconds(), figures, tables };
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error);
    print(`could not be measured: ${failure}`);
    return { name: row.name, seconds: seconds(), figures: [], tables: [], failure };
  }
}

const namesOf = (suite: Suite) => rows.filter((row) => row.suite === suite).map(({ name }) => name);

function isComplete(suite: Suite, measured: readonly RowResult[]): boolean {
  const names = namesOf(suite);
  return names.length > 0 && names.every((name) => measured.some((row) => row.name === name));
}

function ofSuite(suite: Suite, results: Results): Results {
  const names = namesOf(suite);
  return { ...results, rows: results.rows.filter(({ name }) => names.includes(name)) };
}
