/** Interrupting a cell that does nothing but run. */
import { Direct } from '../support/direct.ts';
import { figure } from '../support/figure.ts';
import type { Row } from '../support/row.ts';
import { ask, endKernel, openKernel } from '../support/server.ts';
import { pause, withCarrel } from '../support/stage.ts';

const CODE = 'while True: pass';
/** For so long the cell has run. */
const RUN_MS = 200;

export const interrupt: Row = {
  name: 'interrupt',
  suite: 'figures',
  title: 'interrupt of `while True: pass`',
  async measure(bench) {
    const count = bench.quick ? 5 : 25;
    await using direct = await Direct.start();
    return await withCarrel(bench, {}, async (carrel) => {
      const { id, channels } = await openKernel(carrel);
      const times: number[] = [];
      const directly: number[] = [];
      for (let i = 0; i < count; i += 1) {
        const cell = channels.send(CODE);
        await pause(RUN_MS);
        const begun = performance.now();
        const asked = ask(carrel, 'POST', `/api/kernels/${id}/interrupt`, 204);
        await channels.until(cell.done, 'the reply of an interrupted cell');
        await asked;
        if (cell.reply.ename !== 'KeyboardInterrupt')
          throw new Error(`expected KeyboardInterrupt, got ${cell.summary}`);
        times.push(cell.replied - begun);
        directly.push(...(await direct.ask('interrupt', { code: CODE, wait: RUN_MS / 1000 })).times);
      }
      await endKernel(carrel, id);
      const how = `from sending POST …/interrupt to the execute_reply, in a cell that has run ${RUN_MS} ms; directly: from SIGINT to the execute_reply; in turn`;
      const title = 'interrupt of `while True: pass`';
      const targets = { p50: 10, p95: 20 };
      return {
        figures: [figure({ name: 'interrupt', title, how, unit: 'ms', samples: times, direct: directly, targets })],
      };
    });
  },
};
