/**
 * Runs attacks as cells of worksheets and prints what was contained:
 *
 *     node test/isolation/run-cells.ts [--kernel NAME] [--url URL --token TOKEN] FILES_OR_FOLDERS…
 *
 * Starts a Carrel of its own when no URL is given. Exit status 1 when anything is not contained.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { newMarks } from '../../gateway/src/attack/source.ts';
import { startCarrel } from '../support/carrel.ts';
import type { Server } from '../support/jupyter.ts';
import { judgeForeign, type Row } from './foreign.ts';
import { policyLimits } from './image.ts';
import { WorksheetStage } from './worksheet-stage.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kernel: { type: 'string', default: 'python3' },
    url: { type: 'string' },
    token: { type: 'string', default: '' },
  },
});
const files = positionals.flatMap(scripts);
if (files.length === 0) {
  console.error('expected files or folders of attacks (*.py), got none');
  process.exit(2);
}
const own = values.url === undefined ? await startCarrel() : undefined;
const server: Server = own ?? { url: values.url ?? '', token: values.token };
try {
  const rows = await runAll(server, values.kernel);
  const holes = rows.filter((row) => !row.contained).map((row) => row.attack);
  console.log(`${rows.length - holes.length} of ${rows.length} contained; not contained: ${holes.join(' ') || 'none'}`);
  process.exitCode = holes.length > 0 ? 1 : 0;
} finally {
  await own?.stop();
}

/** A folder stands for the attacks in it: the files whose names begin with a number. */
function scripts(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => name.endsWith('.py') && /^\d/.test(name));
  return names.sort().map((name) => join(path, name));
}

/** Each attack gets a fresh worksheet. */
async function runAll(to: Server, kernel: string): Promise<Row[]> {
  const policy = /^[^-]+-(.+)$/.exec(kernel)?.[1] ?? 'standard';
  const rows: Row[] = [];
  for (const file of files) {
    const name = basename(file, '.py');
    const [limits, marks] = [policyLimits(policy), newMarks()];
    await using stage = new WorksheetStage({ server: to, kernel, limits, marks });
    const begun = performance.now();
    const row = await judgeForeign(stage, name, readFileSync(file, 'utf8'));
    const seconds = ((performance.now() - begun) / 1000).toFixed(1).padStart(5);
    const words = [name.padEnd(28), row.contained ? 'yes' : 'NO ', row.decided.padEnd(7), `${seconds} s`];
    console.log(`${words.join(' ')}  ${row.evidence.replaceAll('\n', ' ').slice(0, 170)}`);
    rows.push(row);
  }
  return rows;
}
