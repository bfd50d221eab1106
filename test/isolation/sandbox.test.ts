/** `carrel doctor --attack` as an administrator runs it, on the policies that are shipped: contained, but for what is accepted with a reason. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attacks } from '../../gateway/src/attack/catalogue.ts';
import { INSTANCE } from '../../gateway/src/attack/grounds.ts';
import type { AttackReport } from '../../gateway/src/attack/report.ts';
import { LABELS } from '../../gateway/src/engine/container-plan.ts';

const root = resolve(import.meta.dirname, '../..');
const docker = new Docker();
const hasGvisor = Object.hasOwn((await docker.info()).Runtimes ?? {}, 'runsc');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'carrel-attack-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly errors: string;
}

function doctor(
  args: readonly string[],
  whileRunning: (pid: number, out: () => string) => void = () => {},
): Promise<Ran> {
  const child = spawn(process.execPath, [join(root, 'gateway/src/cli/main.ts'), 'doctor', ...args], {
    cwd: root,
    env: { ...process.env, CARREL_DATA: join(folder, 'data'), NO_COLOR: '1' },
  });
  let [out, errors] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
    whileRunning(child.pid ?? 0, () => out);
  });
  child.stderr.on('data', (chunk) => (errors += chunk));
  return new Promise((done) => child.once('close', (status) => done({ status, out, errors })));
}

const policies = [
  { policy: 'standard', surface: 'runc', runs: true },
  { policy: 'gvisor', surface: 'gvisor', runs: hasGvisor },
] as const;

describe.each(policies)('$policy', ({ policy, surface, runs }) => {
  let ran: Ran;
  let report: AttackReport;
  const file = (end: string) => join(folder, `${policy}.${end}`);
  beforeAll(async () => {
    if (!runs) return;
    ran = await doctor(['--attack', policy, '--json', '--report', file('html'), file('md')]);
    if (ran.out === '') throw new Error(ran.errors);
    report = JSON.parse(ran.out) as AttackReport;
  }, 240_000);

  describe.each(Object.entries(Object.groupBy(attacks, ({ kind }) => kind)))('AK1 %s', (_, entries = []) => {
    test.runIf(runs).each(entries.map((entry) => [entry.name, entry] as const))('%s', (name, expected) => {
      const row = report.attacks.find((each) => each.name === name);
      expect(row?.holes, row?.evidence).toEqual([]);
      const accepts = expected[surface];
      const known = `the table ${accepts === undefined ? 'accepts nothing' : 'knows a hole that is closed'}: ${row?.evidence}`;
      expect(row?.verdict, known).toBe(accepts === undefined ? 'contained' : 'accepted');
    });
  });

  test.runIf(runs)('AK6 AK7 the exit status says contained, and both reports have every attack', async () => {
    expect([ran.status, report.status]).toEqual([0, 0]);
    const [html, markdown] = await Promise.all([readFile(file('html'), 'utf8'), readFile(file('md'), 'utf8')]);
    for (const { name } of attacks) {
      expect(html).toContain(`<code>${name}</code>`);
      expect(markdown.replaceAll('\\', '')).toContain(`**${name}**`);
    }
    expect(report.about.map(([what]) => what)).toEqual(
      expect.arrayContaining(['Installation', 'Carrel', 'Run', 'Policy', 'Engine', 'Host']),
    );
    expect(report.doctor.lines.length).toBeGreaterThan(20);
  });
});

test('AK6 what cannot be run ends with 2 and says why', async () => {
  const unknown = await doctor(['--attack', 'nonsense']);
  expect(unknown).toMatchObject({
    status: 2,
    errors: expect.stringMatching(/one of the policies .*standard.*got nonsense/),
  });
  const file = await doctor(['--attack', 'standard', '--report', join(folder, 'report.pdf')]);
  expect(file).toMatchObject({ status: 2, errors: expect.stringMatching(/\.html or \.md/) });
  const alone = await doctor(['--report', join(folder, 'report.md')]);
  expect(alone).toMatchObject({ status: 2, errors: expect.stringMatching(/--attack beside --report/) });
  const both = await doctor(['--attack', 'standard', '--only', 'kernel']);
  expect(both).toMatchObject({ status: 2, errors: expect.stringMatching(/without --only/) });
});

test('AK5 one that is ended early leaves no sandbox and says that not all was run', async () => {
  const before = await sandboxes();
  let asked = false;
  const ended = await doctor(['--attack', 'standard'], (pid, out) => {
    if (asked || !out().includes('neighbour_files')) return;
    asked = true;
    process.kill(pid, 'SIGTERM');
  });
  expect(ended.out).toContain('contained');
  expect(ended).toMatchObject({ status: 2, out: expect.stringMatching(/Not shown.*could not be run/s) });
  expect((await sandboxes()).filter((id) => !before.includes(id))).toEqual([]);
});

/** Of all runs of attacks on this machine's engine. */
async function sandboxes(): Promise<string[]> {
  const found = await docker.listContainers({ all: true, filters: { label: [LABELS.instance] } });
  return found.filter(({ Labels }) => Labels[LABELS.instance]?.startsWith(INSTANCE)).map(({ Id }) => Id);
}
