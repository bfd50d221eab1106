/** SIGKILL of the gateway: what is lost, and when the worksheets can be used again. */
import type { Carrel } from '../../test/support/carrel.ts';
import { Channels } from '../support/client.ts';
import { containersOf } from '../support/containers.ts';
import { figure } from '../support/figure.ts';
import { ageOf } from '../support/processes.ts';
import type { Row } from '../support/row.ts';
import { endKernel, openKernel } from '../support/server.ts';
import { noneOpen, pause, withCarrel } from '../support/stage.ts';

const LINES = 30;
const CODE = `import time\nfor i in range(${LINES}):\n    print("line", i)\n    time.sleep(0.1)`;
const KILLED_AT = 'line 5';
const RETRY_MS = 10;
const WITHIN_S = 30;
/** By then the engine has removed what the warden has ended. */
const REMOVED_MS = 3000;

interface Survived {
  /** Seconds since the new process began, and since the old one was killed. */
  readonly sinceStart: number;
  readonly sinceKill: number;
  /** Seconds from the new socket to the result. */
  readonly answered: number;
  readonly lost: number;
  readonly orphans: number;
}

async function killOnce(carrel: Carrel): Promise<Survived> {
  const idle = await openKernel(carrel);
  const busy = await openKernel(carrel);
  await idle.channels.run('x = 42');
  await busy.channels.run('x = 43');
  const before = (await containersOf(carrel)).sort().join();
  const cell = busy.channels.send(CODE);
  await busy.channels.until(
    cell.next(({ content }) => content.includes(KILLED_AT)),
    'the first lines',
  );
  const killed = performance.now();
  await carrel.kill('gateway');
  const again = await reconnect(carrel, idle.id, idle.channels.session);
  const accepted = performance.now();
  const variable = await again.run('x');
  const usable = performance.now();
  const age = (await ageOf(await carrel.pid('gateway'))) - (performance.now() - usable);
  if (!variable.of('execute_result')[0]?.content.includes('42')) throw new Error('the variable was lost');
  const socket = await Channels.open(carrel, busy.id, busy.channels.session, [cell]);
  await socket.until(cell.done, 'the end of the cell that ran');
  const seen = new Set(cell.text.split('\n'));
  const lost = Array.from({ length: LINES }, (_, index) => `line ${index}`).filter((line) => !seen.has(line)).length;
  if (!(await socket.run('x')).of('execute_result')[0]?.content.includes('43'))
    throw new Error('the variable was lost');
  if ((await containersOf(carrel)).sort().join() !== before) throw new Error('expected the same containers as before');
  for (const { id } of [idle, busy]) await endKernel(carrel, id);
  await noneOpen(carrel);
  await pause(REMOVED_MS);
  const orphans = (await containersOf(carrel)).length;
  return {
    sinceStart: age / 1000,
    sinceKill: (usable - killed) / 1000,
    answered: (usable - accepted) / 1000,
    lost,
    orphans,
  };
}

async function reconnect(carrel: Carrel, id: string, session: string): Promise<Channels> {
  const deadline = performance.now() + WITHIN_S * 1000;
  for (;;) {
    try {
      return await Channels.open(carrel, id, session);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await pause(RETRY_MS);
    }
  }
}

export const kill: Row = {
  name: 'kill',
  suite: 'figures',
  title: 'SIGKILL of the gateway',
  async measure(bench) {
    const count = bench.quick ? 1 : 5;
    return await withCarrel(bench, {}, async (carrel) => {
      const all: Survived[] = [];
      for (let i = 0; i < count; i += 1) all.push(await killOnce(carrel));
      const lost = all.reduce((sum, one) => sum + one.lost, 0);
      const orphans = all.reduce((sum, one) => sum + one.orphans, 0);
      return {
        figures: [
          figure({
            name: 'kill',
            title: 'SIGKILL of the gateway: usable after its start',
            how: `from the start of the new process (as the system has it, in hundredths of a second) to the result of a cell that names a variable, on a new socket tried every ${RETRY_MS} ms; beside it a kernel that prints ${LINES} lines`,
            unit: 's',
            samples: all.map(({ sinceStart }) => sinceStart),
            targets: { p50: 0.5 },
            holds: [
              [lost === 0, `${lost} lines lost`],
              [orphans === 0, `${orphans} containers left`],
            ],
            notes: [
              `kernels, variables and containers are the same afterwards; ${lost} of ${count * LINES} lines lost, ${orphans} containers left`,
              `of it from the accepted socket to the result: ${all.map(({ answered }) => answered.toFixed(2)).join(', ')} s`,
              `since the SIGKILL: ${all.map(({ sinceKill }) => sinceKill.toFixed(2)).join(', ')} s`,
            ],
          }),
        ],
      };
    });
  },
};
