/** Cells that take all the memory or all the processes that they can get. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { openKernel } from '../support/jupyter.ts';
import { deathOf, interrupt, restart, status, usable } from './support/cells.ts';
import { type Holdings, Host } from './support/host.ts';
import { type PolicyFolder, policyFolder } from './support/policies.ts';
import { until } from './support/until.ts';

let policies: PolicyFolder;
let carrel: Carrel;
let host: Host;
let before: Holdings;

beforeAll(async () => {
  const files = (size: string) => ({ size, inodes: 256 });
  const kept = { size: '8 MiB', count: 50 };
  const small = { tmp: files('32 MiB'), home: files('16 MiB'), shm: files('16 MiB'), files: kept };
  policies = await policyFolder({ tight: { memory: '256 MiB', pids: 64, ...small } });
  carrel = await startCarrel({ CARREL_POLICIES: policies.path });
  host = await Host.of(carrel);
  before = await host.holdings();
});

afterAll(async () => {
  await carrel?.stop();
  await policies?.[Symbol.asyncDispose]();
});

test('one allocation beyond the limit: the cell is told the limit and the policy, and the worksheet is usable', async () => {
  await using kernel = await openKernel(carrel, { name: 'python3-tight' });
  const id = kernel.execute('block = b"x" * (1 << 30)');
  const words = await deathOf(kernel, id);
  expect(words).toMatch(/memory/i);
  expect(words).toContain('256 MiB');
  expect(words).toContain('tight');
  await kernel.until('restarting', status('restarting'));
  await usable(kernel);
});

test('memory taken bit by bit: the output before the end is kept', async () => {
  await using kernel = await openKernel(carrel, { name: 'python3-tight' });
  const id = kernel.execute(
    'import time\nprint("first", flush=True)\ntime.sleep(0.5)\nkept = []\nwhile True: kept.append(b"x" * (1 << 20))',
  );
  expect(await deathOf(kernel, id)).toContain('256 MiB');
  expect(kernel.text(id)).toContain('first');
  await usable(kernel);
});

test('many children: the cell ends, and the worksheet is usable', async () => {
  await using kernel = await openKernel(carrel, { name: 'python3-tight' });
  const children = ['import os, time', 'for _ in range(30):', '    if os.fork() == 0:'];
  const work = ['        block = b"x" * (30 << 20)', '        time.sleep(60)', '        os._exit(0)'];
  const id = kernel.execute([...children, ...work, 'while True: os.wait()'].join('\n'));
  await interruptUnlessAnswered(kernel, id);
  await usable(kernel);
});

test('a fork bomb is refused further processes, the neighbour works on, and the worksheet is usable again', async () => {
  await using neighbour = await openKernel(carrel);
  await using kernel = await openKernel(carrel, { name: 'python3-tight' });
  const id = kernel.execute('import os\nwhile True:\n    try: os.fork()\n    except OSError: pass');
  await until('the bomb is at its limit', async () => (await host.holdings()).tasks > 64);
  expect((await neighbour.run('print(6 * 7)')).text).toBe('42\n');
  const { tasks } = await host.holdings();
  expect(tasks, 'processes and threads of both sandboxes').toBeLessThan(64 + 128 + 64);
  await interruptUnlessAnswered(kernel, id);
  await usable(kernel);
});

/** What a person does: wait a little, press interrupt, and when that does not help, restart. */
async function interruptUnlessAnswered(kernel: Awaited<ReturnType<typeof openKernel>>, id: string): Promise<void> {
  const answered = (ms: number) =>
    kernel.reply(id, ms).then(
      () => true,
      () => false,
    );
  if (await answered(3000)) return;
  expect((await interrupt(carrel, kernel)).status).toBe(204);
  if (await answered(10_000)) return;
  const restarted = await restart(carrel, kernel);
  expect(restarted.status, restarted.text).toBe(200);
  expect((await kernel.reply(id, 10_000)).content.status).toBe('error');
}

test('afterwards everything is back', () => host.backTo(before));
