/** Steps that tests of the runner share. */
import type { KernelMessage } from '../../gateway/src/wire/kernel-message.ts';
import { WorksheetWorld } from './worksheet-world.ts';

/** Requests of a cell that stays open until the test ends it. */
export function hold(world: WorksheetWorld, code: string): void {
  world.kernels.agent.cells.set(code, (agent, request) => {
    agent.say('iopub', 'execute_input', request, { code, execution_count: 7 });
  });
}

export function request(world: WorksheetWorld, at = -1): KernelMessage {
  const found = world.kernels.agent.requests('execute_request').at(at);
  if (found === undefined) throw new Error('nothing was executed');
  return found;
}

/** A worksheet whose kernel has run a cell, so that the test can say what others do. */
export async function opened(...sources: string[]): Promise<WorksheetWorld> {
  const world = await WorksheetWorld.open('first', ...sources);
  await world.run('a');
  return world;
}

export const error = { status: 'error', ename: 'ValueError', evalue: 'no', traceback: ['ValueError: no'] };
