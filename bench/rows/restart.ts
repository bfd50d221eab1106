/** Restarting a kernel while its socket stays. */
import { Direct } from '../support/direct.ts';
import { figure } from '../support/figure.ts';
import type { Row } from '../support/row.ts';
import { ask, endKernel, openKernel } from '../support/server.ts';
import { pause, withCarrel } from '../support/stage.ts';

/** Between two restarts, as a person makes them: the next kernel may be forked ahead. */
const REST_MS = 1500;

export const restart: Row = {
  name: 'restart',
  suite: 'figures',
  title: 'restart to the first result on the same socket',
  async measure(bench) {
    const [count, directCount] = bench.quick ? [4, 2] : [20, 6];
    await using direct = await Direct.start();
    return await withCarrel(bench, {}, async (carrel) => {
      const { id, channels } = await openKernel(carrel);
      const times: number[] = [];
      const answered: number[] = [];
      const directly: number[] = [];
      for (let i = 0; i < count; i += 1) {
        await channels.run('x = 1');
        await pause(REST_MS);
        const begun = performance.now();
        await ask(carrel, 'POST', `/api/kernels/${id}/restart`, 200);
        answered.push(performance.now() - begun);
        const cell = await channels.run('"x" in globals()');
        times.push(cell.sent + cell.toResult - begun);
        if (!cell.of('execute_result')[0]?.content.includes('False')) throw new Error('expected a kernel without x');
        if (i < directCount) directly.push(...(await direct.ask('restart')).times);
      }
      await endKernel(carrel, id);
      const mean = answered.reduce((sum, one) => sum + one, 0) / count;
      return {
        figures: [
          figure({
            name: 'restart',
            title: 'restart to the first result, same socket',
            how: `from sending POST …/restart to the execute_result of a cell sent on the same socket after the answer; ${REST_MS / 1000} s between restarts; directly: restart_kernel(now=True) to the first result`,
            unit: 'ms',
            samples: times,
            direct: directly,
            targets: { p50: 40 },
            notes: [`on average the answer to POST after ${mean.toFixed(1)} ms`],
          }),
        ],
      };
    });
  },
};
