/** One vitest project in a process of its own; its lines are shown, its report is read. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../dependencies.mjs';
import { failed, type Tally, tallyOfVitest } from './tally.ts';

/** A part that is not done by then has hung. */
const LIMIT_MS = 20 * 60_000;

export async function vitestProject(name: string, print: (line: string) => void): Promise<Tally> {
  const folder = await mkdtemp(join(tmpdir(), 'carrel-report-'));
  try {
    const report = join(folder, 'report.json');
    const reporters = [
      '--reporter=default',
      `--reporter=${join(import.meta.dirname, 'vitest-progress.ts')}`,
      '--reporter=json',
    ];
    const status = await vitest(['run', '--project', name, ...reporters, `--outputFile.json=${report}`]);
    if (status === 'too long') print(`${name} was ended after ${LIMIT_MS / 60_000} min`);
    const text = await readFile(report, 'utf8').catch(() => undefined);
    if (text === undefined || status === 'too long')
      return failed(`${name}: vitest ended (${status}) without a report`);
    return tallyOfVitest(text, status);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function vitest(args: string[]): Promise<number | 'too long'> {
  const child = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }) },
  });
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      resolve('too long');
    }, LIMIT_MS);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(limit);
      resolve(code ?? 1);
    });
  });
}
