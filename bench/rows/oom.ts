/** A cell that takes more memory than its worksheet may have. */
import { readFile } from 'node:fs/promises';
import type { Carrel } from '../../test/support/carrel.ts';
import { containersOf, processesOf } from '../support/containers.ts';
import { figure } from '../support/figure.ts';
import type { Row } from '../support/row.ts';
import { endKernel, openKernel } from '../support/server.ts';
import { withCarrel } from '../support/stage.ts';

const CODE = 'block = bytearray(1 << 20) * 1500';
const LIMIT = '512 MiB';
/** How exactly the moment of the kill is known. */
const WATCH_MS = 2;

interface Ended {
  readonly afterKill: number;
  readonly afterRequest: number;
  readonly usable: number;
  readonly words: string;
}

async function runOut(carrel: Carrel): Promise<Ended> {
  const { id, channels } = await openKernel(carrel);
  const [container] = await containersOf(carrel);
  const kernels = (await processesOf(container ?? '')).filter(({ part }) => part === 'kernel').map(({ pid }) => pid);
  await using watch = new DeathWatch(kernels);
  const cell = channels.send(CODE);
  await channels.until(cell.done, 'the reply of the cell');
  const again = await channels.run('1+1');
  if (again.reply.status !== 'ok') throw new Error(`expected a kernel that works, got ${again.reply.evalue}`);
  channels.drop();
  await endKernel(carrel, id);
  const words = `${cell.reply.ename}: ${cell.reply.evalue}`;
  const usable = again.sent + again.toResult - cell.replied;
  return { afterKill: cell.replied - watch.killed, afterRequest: cell.replied - cell.sent, usable, words };
}

/** The moment at which the first of these processes was seen to end. */
class DeathWatch implements AsyncDisposable {
  killed = Number.NaN;
  #watching: Promise<void>;
  #stopped = false;

  constructor(pids: readonly number[]) {
    this.#watching = this.#watch(pids);
  }

  async #watch(pids: readonly number[]): Promise<void> {
    while (!this.#stopped && Number.isNaN(this.killed)) {
      const states = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ') X')));
      /** Exiting, a zombie, or gone. A process that was killed frees its memory before it becomes a zombie. */
      if (states.some((stat) => /^[XZ]/.test(stat.slice(stat.lastIndexOf(')') + 2)))) this.killed = performance.now();
      else await new Promise((next) => setTimeout(next, WATCH_MS));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#watching;
  }
}

export const oom: Row = {
  name: 'oom',
  suite: 'figures',
  title: 'out of memory',
  async measure(bench) {
    const count = bench.quick ? 2 : 10;
    return await withCarrel(bench, {}, async (carrel) => {
      const all: Ended[] = [];
      for (let i = 0; i < count; i += 1) all.push(await runOut(carrel));
      const words = all[0]?.words ?? '';
      const named = all.every((one) => one.words.includes(LIMIT));
      const how = `a cell takes 1.5 GB where ${LIMIT} are allowed (\`${CODE}\`)`;
      const requests = all.map(({ afterRequest }) => afterRequest.toFixed(0)).join(', ');
      return {
        figures: [
          figure({
            name: 'oom',
            title: 'out of memory: error and execute_reply after the kill',
            how: `${how}; from the moment when the kernel's process was seen to have been killed (looked at every ${WATCH_MS} ms) to the execute_reply`,
            unit: 'ms',
            samples: all.map(({ afterKill }) => afterKill),
            targets: { max: 300 },
            holds: [[named, `the words do not name the limit: ${words}`]],
            notes: [`the reply says "${words}"`, `since the request: ${requests} ms`],
          }),
          figure({
            name: 'oom.usable',
            title: 'out of memory: usable again after the reply',
            how: 'from the execute_reply to the result of `1+1`, sent at once on the same socket',
            unit: 'ms',
            samples: all.map(({ usable }) => usable),
            targets: { p50: 100 },
          }),
        ],
      };
    });
  },
};
