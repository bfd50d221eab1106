/** A cell `1+1` from WebSocket to WebSocket, beside ipykernel driven directly, round by round. */
import { Direct } from '../support/direct.ts';
import { figure } from '../support/figure.ts';
import type { Row } from '../support/row.ts';
import { endKernel, openKernel } from '../support/server.ts';
import { IPYKERNEL, IPYKERNEL_SPEC, withCarrel } from '../support/stage.ts';

const CODE = '1+1';

export const execute: Row = {
  name: 'execute',
  suite: 'figures',
  title: 'a cell `1+1`, WebSocket to WebSocket, beside ipykernel driven directly',
  async measure(bench) {
    const [rounds, each, warm] = bench.quick ? [3, 20, 20] : [12, 50, 100];
    await using direct = await Direct.start();
    return await withCarrel(bench, IPYKERNEL, async (carrel) => {
      const own = await openKernel(carrel, 'python3');
      const second = await openKernel(carrel, IPYKERNEL_SPEC);
      const times = { own: [] as number[], toResult: [] as number[], second: [] as number[], direct: [] as number[] };
      for (let turn = -1; turn < rounds; turn += 1) {
        const count = turn < 0 ? warm : each;
        const [owns, seconds] = [[] as number[], [] as number[]];
        const results: number[] = [];
        for (let i = 0; i < count; i += 1) {
          const cell = await own.channels.run(CODE);
          owns.push(cell.took);
          results.push(cell.toResult);
        }
        const directs = await direct.round(count, CODE);
        for (let i = 0; i < count; i += 1) seconds.push((await second.channels.run(CODE)).took);
        if (turn < 0) continue;
        times.own.push(...owns);
        times.toResult.push(...results);
        times.second.push(...seconds);
        times.direct.push(...directs);
      }
      for (const { id } of [own, second]) await endKernel(carrel, id);
      const how = 'from handing the request to the WebSocket until both execute_reply and idle are there';
      return {
        figures: [
          figure({
            name: 'execute',
            title: 'execute `1+1`, WebSocket to WebSocket',
            how: `${how}; rounds of ${each} cells, ours and the direct ipykernel in turn, after ${warm} to warm up`,
            unit: 'ms',
            samples: times.own,
            direct: times.direct,
            targets: { p50: 2, p95: 4, ratio: 0.4 },
          }),
          figure({
            name: 'execute.result',
            title: 'execute `1+1` until the result is there',
            how: 'from handing the request to the WebSocket until execute_result is there; the same cells',
            unit: 'ms',
            samples: times.toResult,
          }),
          figure({
            name: 'execute.ipykernel',
            title: 'execute `1+1` with ipykernel in the sandbox',
            how: `${how}; a policy whose kernel is ipykernel, the same rounds`,
            unit: 'ms',
            samples: times.second,
            direct: times.direct,
          }),
        ],
      };
    });
  },
};
