/** Fifty megabytes of output: how long, in what pieces, at what cost in memory, and whether it can be stopped. */
import type { Carrel } from '../../test/support/carrel.ts';
import { containersOf, processesOf } from '../support/containers.ts';
import { Direct } from '../support/direct.ts';
import { figure } from '../support/figure.ts';
import { peak, resetPeak } from '../support/processes.ts';
import { Processors } from '../support/processors.ts';
import type { Bench, Row } from '../support/row.ts';
import { ask, endKernel, openKernel } from '../support/server.ts';
import { pause, withCarrel } from '../support/stage.ts';

const LINE = 100;
const BYTES = 50_000_000;
const cellOf = (bytes: number) => `for i in range(${bytes / LINE}): print("x" * ${LINE - 1})`;
const CODE = cellOf(BYTES);
const ENDLESS = `while True: print("x" * ${LINE - 1})`;
const MB = 1e6;
/** Memory is bounded when a cell that prints this many times as much does not take more than half of what it prints. */
const LONGER = 4;
/** Of the endless output: short enough to stay below what the policy keeps of a cell. */
const FLOOD_MS = 300;

interface Printed {
  readonly seconds: number;
  readonly bytes: number;
  readonly largest: number;
  readonly messages: number;
  /** Growth of the highest resident memory over what it was before, megabytes. */
  readonly gateway: number;
  readonly warden: number;
  readonly agent: number;
  /** Milliseconds of processor time, by process. */
  readonly used: readonly (readonly [string, number])[];
}

async function printOnce(carrel: Carrel, code: string): Promise<Printed> {
  const { id, channels } = await openKernel(carrel);
  const [container] = await containersOf(carrel);
  const agent = (await processesOf(container ?? '')).find(({ part }) => part === 'agent')?.pid ?? 0;
  const pids = [await carrel.pid('gateway'), await carrel.pid('warden'), agent];
  const before = await Promise.all(pids.map(resetPeak));
  channels.largest = 0;
  const processors = await Processors.of(carrel, container ?? '');
  const cell = channels.send(code);
  const used = await processors.during(() => channels.until(cell.done, 'the end of the output'));
  const after = await Promise.all(pids.map(peak));
  const [gateway = 0, warden = 0, own = 0] = after.map((bytes, index) => (bytes - (before[index] ?? 0)) / MB);
  const seconds = cell.took / 1000;
  const result = {
    seconds,
    bytes: cell.text.length,
    largest: channels.largest,
    messages: cell.of('stream').length,
    used,
  };
  channels.drop();
  await endKernel(carrel, id);
  return { ...result, gateway, warden, agent: own };
}

async function interruptOnce(carrel: Carrel): Promise<number> {
  const { id, channels } = await openKernel(carrel);
  const cell = channels.send(ENDLESS);
  await channels.until(
    cell.next(({ type }) => type === 'stream'),
    'output',
  );
  await pause(FLOOD_MS);
  const begun = performance.now();
  const asked = ask(carrel, 'POST', `/api/kernels/${id}/interrupt`, 204);
  await channels.until(cell.done, 'the reply of an interrupted cell');
  await asked;
  channels.drop();
  await endKernel(carrel, id);
  return cell.replied - begun;
}

async function measure(bench: Bench) {
  const [count, interrupts] = bench.quick ? [1, 2] : [5, 5];
  await using direct = await Direct.start();
  const output = { perCell: '256 MiB', rate: '100 MiB' };
  return await withCarrel(bench, { standard: { output } }, async (carrel) => {
    const printed: Printed[] = [];
    const directly: number[] = [];
    for (let i = 0; i < count; i += 1) {
      printed.push(await printOnce(carrel, CODE));
      directly.push(...(await direct.ask('printed', { code: CODE })).times.map((ms) => ms / 1000));
    }
    const stopped: number[] = [];
    for (let i = 0; i < interrupts; i += 1) stopped.push(await interruptOnce(carrel));
    const longer = await printOnce(carrel, cellOf(LONGER * BYTES));
    return { printed, longer, directly, stopped };
  });
}

export const print: Row = {
  name: 'print',
  suite: 'figures',
  title: '50 MB printed by one cell: time, completeness, pieces, memory, interrupt meanwhile',
  async measure(bench) {
    const { printed, longer, directly, stopped } = await measure(bench);
    const most = (pick: (one: Printed) => number) => Math.max(...printed.map(pick));
    const lost = printed.map(({ bytes }) => BYTES - bytes).filter((bytes) => bytes !== 0);
    const grown = (all: readonly Printed[]) =>
      (['gateway', 'warden', 'agent'] as const)
        .map((part) => `${part} ${Math.max(...all.map((one) => one[part])).toFixed(1)}`)
        .join(', ');
    const bound = (LONGER * BYTES) / 2 / MB;
    return {
      figures: [
        figure({
          name: 'print',
          title: '50 MB printed in lines of 100 bytes',
          how: `\`${CODE}\`, from the request to reply and idle; the shipped policy's rate; directly the same cell, in turn`,
          unit: 's',
          samples: printed.map(({ seconds }) => seconds),
          direct: directly,
          targets: { p50: 1 },
          holds: [
            [lost.length === 0, `not whole: ${lost.join(', ')} bytes missing`],
            [most(({ largest }) => largest) <= 2 ** 20, 'a WebSocket message was larger than 1 MiB'],
            [Math.max(longer.gateway, longer.warden, longer.agent) < bound, `a process grew by more than ${bound} MB`],
          ],
          notes: [
            `processor time of one cell: ${printed[0]?.used.map(([name, ms]) => `${name} ${(ms / 1000).toFixed(2)}`).join(', ')} s`,
            lost.length === 0 ? 'whole, every byte' : '',
            `at most ${most(({ messages }) => messages)} messages, the largest ${Math.round(most(({ largest }) => largest) / 1024)} KiB`,
            `highest resident memory over that before: ${grown(printed)} MB; with ${LONGER} times as much printed: ${grown([longer])} MB`,
          ].filter((note) => note !== ''),
        }),
        figure({
          name: 'print.interrupt',
          title: 'interrupt of endless output',
          how: `\`${ENDLESS}\`, ${FLOOD_MS} ms after its first output; from sending POST …/interrupt to the execute_reply, which comes after the output before it`,
          unit: 'ms',
          samples: stopped,
          targets: { max: 100 },
        }),
      ],
    };
  },
};
