/** A command of the program on a data folder of its own and without an engine, until it ends by itself. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const main = resolve(import.meta.dirname, '../../gateway/src/cli/main.ts');

export async function runToEnd(
  command: string,
  env: Record<string, string>,
): Promise<{ code: number | null; out: string }> {
  const data = await mkdtemp(join(tmpdir(), 'carrel-run-'));
  const engine = { DOCKER_HOST: `unix://${data}/no-engine.sock` };
  const child = spawn(process.execPath, [main, command], {
    env: { ...process.env, ...engine, CARREL_DATA: data, CARREL_LOG_FILE: '-', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (out += chunk));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  await rm(data, { recursive: true, force: true });
  return { code, out };
}
