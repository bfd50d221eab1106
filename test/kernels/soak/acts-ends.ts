/** Acts of the long run that end the kernel's process: another one takes its place, and every request is answered (RL30). */
import { until } from '../../fault/support/until.ts';
import { rest } from '../../support/jupyter.ts';
import type { Act } from './act.ts';

export const deadly: readonly Act[] = [
  {
    name: 'restart',
    weight: 0.25,
    run: async (desk) => {
      await desk.run('marker = 1');
      const running = desk.dice.chance(0.5)
        ? desk.execute('print("go", flush=True)\nimport time; time.sleep(60)')
        : undefined;
      if (running !== undefined) await desk.printed(running, 'go');
      const { status } = await rest(desk.server, 'POST', `/api/kernels/${desk.kernel.id}/restart`);
      desk.same('the answer to a restart', status, 200);
      if (running !== undefined) desk.same('the cell', (await desk.answer(running)).content.status, 'error');
      await desk.reborn();
    },
  },
  {
    name: 'death',
    weight: 0.1,
    run: async (desk) => {
      await desk.run('marker = 1');
      const id = desk.execute('import os; os._exit(1)');
      desk.same('the cell', (await desk.answer(id)).content.status, 'error');
      const answers = async () =>
        (await rest(desk.server, 'GET', `/api/kernels/${desk.kernel.id}`)).json.execution_state === 'idle';
      await until('the next process answers', answers, 60_000);
      await desk.reborn();
    },
  },
];
