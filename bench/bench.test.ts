/** The command's own way through two rows, with as few repetitions as they have: what comes out is whole. No time is asserted. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { chooseRows, rows } from './rows/index.ts';
import type { Results } from './support/results.ts';

async function bench(...args: string[]): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'run.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, out: out + errors };
}

it('measures rows, and keeps what it measured', { timeout: 240_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'carrel-bench-'));
  try {
    const file = join(folder, 'results.json');
    const { code, out } = await bench('execute', 'interrupt', '--quick', '--json', file);
    expect(code, out).toBe(0);
    const results = JSON.parse(await readFile(file, 'utf8')) as Results;
    expect(results).toMatchObject({
      quick: true,
      command: `npm run bench -- execute interrupt --quick --json ${file}`,
    });
    expect(results.direct).toMatch(/^ipykernel \d/);
    const figures = results.rows.flatMap((row) => row.figures);
    const names = figures.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['execute', 'execute.ipykernel', 'interrupt']));
    expect(new Set(names).size).toBe(names.length);
    for (const { name, title, how, measured, direct, ratio } of figures) {
      expect(measured.n, name).toBeGreaterThan(1);
      const { min, p50, p95, max } = measured;
      expect([min, p50, p95, max], name).toEqual([min, p50, p95, max].toSorted((a, b) => a - b));
      expect(min, name).toBeGreaterThan(0);
      if (direct !== undefined) expect(ratio).toBeCloseTo(p50 / direct.p50);
      expect(out).toContain(title);
      expect(how).not.toBe('');
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('names the rows, and refuses one that it does not have', async () => {
  expect(await bench('--list')).toMatchObject({ code: 0, out: expect.stringContaining('execute') });
  expect(await bench('exekute')).toMatchObject({ code: 1, out: expect.stringContaining('got exekute') });
});

it('without a name every row is chosen that does not take long', () => {
  expect(chooseRows([])).toEqual(rows.filter(({ suite }) => !['growth', 'load'].includes(suite)));
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
});
