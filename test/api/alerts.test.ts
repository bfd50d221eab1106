/** The alert rules, and the metrics of a whole Carrel, before Prometheus' own tool. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensurePromtool } from '../../setup/tests/promtool.ts';
import { type Carrel, freePort, startCarrel } from '../support/carrel.ts';
import { openKernel, rest } from '../support/jupyter.ts';

let promtool: string;
beforeAll(async () => {
  promtool = await ensurePromtool();
});

/** The exit status and all that it printed. */
function ask(args: readonly string[], input = ''): Promise<[number | null, string]> {
  const child = spawn(promtool, args);
  let told = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (told += chunk));
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((done, fail) => child.once('error', fail).once('close', (code) => done([code, told])));
}

const rules = resolve(import.meta.dirname, '../../ops/prometheus/alerts.yaml');

test('ME5 Prometheus understands the rules', async () => {
  const [code, told] = await ask(['check', 'rules', '--lint=all', '--lint-fatal', rules]);
  expect([code, told]).toEqual([0, expect.stringMatching(/SUCCESS: \d+ rules found/)]);
});

test('ME5 the rules fire when they should, say what they should, and are silent before', async () => {
  const [code, told] = await ask(['test', 'rules', resolve(import.meta.dirname, 'alerts.promtool.yaml')]);
  expect([code, told]).toEqual([0, expect.stringContaining('SUCCESS')]);
});

let carrel: Carrel;
let port: number;
const token = 'a-token-of-this-test-alone';
beforeAll(async () => {
  port = await freePort();
  const settings = { CARREL_METRICS: 'token', CARREL_METRICS_PORT: String(port), CARREL_METRICS_TOKEN: token };
  carrel = await startCarrel(settings);
});
afterAll(() => carrel?.stop());

test('ME5 BK12 both processes tell their metrics as Prometheus wants them, the age of the last backup among them', async () => {
  const read = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { Authorization: `Bearer ${token}` } });
    return await answer.text();
  };
  {
    await using kernel = await openKernel(carrel);
    await kernel.run('print(1)');
  }
  await rest(carrel, 'GET', '/api/me');
  expect(await read('/metrics')).not.toContain('carrel_backup_age_seconds');
  expect((await carrel.command('backup', `${carrel.data}/a.backup`, '--without-keys')).code).toBe(0);
  const age = /^carrel_backup_age_seconds ([\d.]+)$/m.exec(await read('/metrics'))?.[1];
  expect(Number(age)).toBeLessThan(600);
  for (const path of ['/metrics', '/metrics/warden']) {
    /** Those of Node are named by prom-client. */
    const own = (await read(path))
      .split('\n')
      .filter((line) => /^(# (HELP|TYPE) )?carrel_/.test(line))
      .join('\n');
    expect(own).toContain('carrel_info');
    expect([path, ...(await ask(['check', 'metrics'], `${own}\n`))]).toEqual([path, 0, '']);
  }
});
