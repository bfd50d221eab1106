/** Cells that print without end: what is kept is bounded and said, and nobody else notices. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { type Kernel, openKernel } from '../support/jupyter.ts';
import { interrupt, line, usable } from './support/cells.ts';
import { type Holdings, Host, peakRss } from './support/host.ts';
import { type PolicyFolder, policyFolder } from './support/policies.ts';

const MiB = 2 ** 20;
const LIMIT = 8 * MiB;

let policies: PolicyFolder;
let carrel: Carrel;
let host: Host;
let before: Holdings;

beforeAll(async () => {
  const output = { perCell: LIMIT, rate: '200 MiB' };
  policies = await policyFolder({ flood: { memory: '2 GiB', cpus: 2, output } });
  carrel = await startCarrel({ CARREL_POLICIES: policies.path });
  host = await Host.of(carrel);
  before = await host.holdings();
});

afterAll(async () => {
  await carrel?.stop();
  await policies?.[Symbol.asyncDispose]();
});

test('1 GB of output is cut at the limit of the policy, which is said, and the gateway stays small', async () => {
  await using kernel = await openKernel(carrel, { name: 'python3-flood' });
  const peak = await peakOf(async () => {
    const id = kernel.execute(
      'import sys\nfor i in range(1000): sys.stdout.write("x" * 999_999 + "\\n")\nprint("the end")',
    );
    await Promise.all([kernel.reply(id, 180_000), kernel.idle(id, 180_000)]);
    expectCut(kernel, id);
  });
  expect(peak - before.gatewayRss, 'growth of the gateway in bytes').toBeLessThan(300 * MiB);
  await usable(kernel);
});

test('an interrupt is answered in the middle of a flood, and the neighbour works on', async () => {
  await using neighbour = await openKernel(carrel);
  await using kernel = await openKernel(carrel, { name: 'python3-flood' });
  const id = kernel.execute('while True: print("x" * 1000)');
  await kernel.until('the first output', line('x'));
  expect((await neighbour.run('print(6 * 7)')).text).toBe('42\n');
  expect((await interrupt(carrel, kernel)).status).toBe(204);
  const reply = await kernel.reply(id);
  expect(reply.content).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' });
  await usable(kernel);
});

test('one line of 100 MB is cut likewise', async () => {
  await using kernel = await openKernel(carrel, { name: 'python3-flood' });
  const peak = await peakOf(async () => {
    const id = kernel.execute('print("y" * 100_000_000)');
    await Promise.all([kernel.reply(id, 90_000), kernel.idle(id, 90_000)]);
    expectCut(kernel, id);
  });
  expect(peak - before.gatewayRss, 'growth of the gateway in bytes').toBeLessThan(600 * MiB);
  await usable(kernel);
});

test('afterwards everything is back', () => host.backTo(before));

const peakOf = async (work: () => Promise<void>) => peakRss(await carrel.pid('gateway'), work);

/** No more came than the policy keeps of a cell, and it is said twice: where the cut begins, and how much was cut. */
function expectCut(kernel: Kernel, id: string): void {
  const streams = kernel.of(id, 'stream');
  const kept = streams.filter((message) => message.content.name === 'stdout');
  const said = streams.filter((message) => message.content.name === 'stderr').map((message) => message.content.text);
  const bytes = kept.reduce((sum, message) => sum + Buffer.byteLength(message.content.text), 0);
  expect(bytes).toBeLessThanOrEqual(LIMIT);
  expect(said).toEqual([expect.stringMatching(/limit of policy flood/), expect.stringMatching(/(MiB|GiB).* were cut/)]);
}
