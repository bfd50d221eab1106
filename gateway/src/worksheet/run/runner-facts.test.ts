/** docs/spec/worksheet-run.md on fake sandboxes: memory, sleep, other kernels, and text that a kernel gives for a cell. */
import { describe, expect, it } from 'vitest';
import { turns, World } from '../../../../test/support/kernel-world.ts';
import { hold, opened, request } from '../../../../test/support/runner-steps.ts';
import { WorksheetWorld } from '../../../../test/support/worksheet-world.ts';
import { CarrelError } from '../../base/errors.ts';
import { POST_MORTEM } from '../../wire/memory-facts.ts';
import { readDocument } from '../document/document.ts';

const MIB = 2 ** 20;
const stats = (used: number) => ({
  type: 'stats',
  memory: { used: used * MIB, peak: used * MIB, limit: 512 * MIB },
  cpu: { usec: 5 },
  pids: { used: 3, limit: 64 },
  oomKills: 0,
});

/** A kernel that tells its variables. */
async function telling(...sources: string[]): Promise<WorksheetWorld> {
  const world = await opened(...sources);
  const { agent } = world.kernels;
  world.kernels.agent.say('shell', 'kernel_info_reply', agent.requests('kernel_info_request')[0], {
    implementation: 'carrel_kernel',
  });
  await turns();
  return world;
}

describe('memory', () => {
  it('WR26 is short from 80 % on: told while the cell runs, with the largest variables, until it is below 75 %', async () => {
    const world = await telling('b');
    const told: unknown[] = [];
    world.room.onStatus(({ usage }) => told.push(usage?.short));
    hold(world, 'b');
    await world.run('b');
    const { agent } = world.kernels;
    agent.control(stats(430));
    await turns();
    const [asked] = agent.requests('variables_request');
    agent.say('control', 'variables_reply', asked, { variables: [{ name: 'x', type: 'list', size: 400 * MIB }] });
    await turns();
    await world.kernels.pass(2000);
    expect(world.status.usage).toMatchObject({ memory: 430 * MIB, limit: 512 * MIB });
    expect(told.at(-1)).toEqual({ variables: [{ name: 'x', type: 'list', size: 400 * MIB }] });
    agent.control(stats(380));
    await turns();
    await world.kernels.pass(2000);
    expect(told.at(-1)).toBeUndefined();
    expect(agent.requests('variables_request')).toHaveLength(1);
  });

  it('WR22 that ran out is told under the cell that did it, as an output of its own', async () => {
    const world = await telling('b');
    hold(world, 'b');
    await world.run('b');
    const { agent } = world.kernels;
    agent.control(stats(500));
    await turns();
    const variables = [{ name: 'x', type: 'list', size: 400 * MIB }];
    agent.say('control', 'variables_reply', agent.requests('variables_request')[0], { variables });
    await turns();
    agent.exit({ oom: true, memory: { peak: 512 * MIB, limit: 512 * MIB } });
    await turns();
    const cell = readDocument(world.doc).cells[1];
    const outputs = cell?.cell_type === 'code' ? cell.outputs : [];
    expect(outputs.map(({ output_type }) => output_type)).toEqual(['error', 'display_data']);
    const [, shown] = outputs;
    const data = shown?.output_type === 'display_data' ? shown.data : {};
    const sizes = { policy: 'standard', limit: 512 * MIB, peak: 512 * MIB };
    expect(data[POST_MORTEM]).toEqual({ ...sizes, variables, again: true });
    expect(data['text/plain']).toMatch(/400 MiB {2}x {2}\(list\)/);
  });
});

describe('sleep', () => {
  it('WR27 the status says since when and why, and the next run wakes the worksheet', async () => {
    const world = await opened('b');
    const end = new Promise<string>((told) =>
      world.kernels.registry.onGone((_, { by, at }) => {
        if (by !== 'other') world.room.slept({ since: new Date(at).toISOString(), by });
        told(by);
      }),
    );
    await world.kernels.pass(61_000);
    expect(await end).toBe('idle');
    expect(world.status).toMatchObject({ kernel: 'none', asleep: { by: 'idle', since: expect.stringMatching(/Z$/) } });
    await world.run('b');
    await turns();
    expect(world.status).toMatchObject({ kernel: 'idle', asleep: undefined });
    expect(world.marks).toBe('ii');
  });

  it('WR27 a life that is over is told under the cell that runs', async () => {
    const world = await WorksheetWorld.openIn(new World({ life: 300_000 }), 'first', 'b');
    await world.run('a');
    hold(world, 'b');
    await world.run('b');
    await world.kernels.pass(301_000);
    await turns();
    expect(world.outputs('b').join('')).toMatch(
      /the sandbox was ended: its longest life, 5 min by policy standard, is over/,
    );
  });
});

describe('the kernel that is started', () => {
  it('WR28 is asked for at each start; a refusal is told under the cell, with the way out', async () => {
    const world = await WorksheetWorld.open('a');
    world.choose = async () => {
      throw new CarrelError('forbidden', 'python3-large is not open to you any more; choose another one');
    };
    const [notice] = await world.run('a');
    expect(notice).toMatchObject({ say: 'refused', message: expect.stringContaining('choose another one') });
    expect(world.outputs('a').join('')).toContain('python3-large is not open to you any more');
    expect(world.kernels.registry.list('anna' as never)).toEqual([]);
  });

  it('WR28 another one ends the kernel that there is, says why, and runs what is asked for next', async () => {
    const world = await opened('b');
    world.room.changeKernel({ name: 'python3-large', title: 'Python 3 (large)' }, 'the worksheet goes on with it');
    await turns();
    expect(world.status).toMatchObject({
      ...{ kernel: 'none', reason: 'the worksheet goes on with it' },
      kernelspec: { name: 'python3-large', title: 'Python 3 (large)' },
    });
    await world.run('b');
    await turns();
    expect(world.status).toMatchObject({ kernel: 'idle', reason: '' });
  });
});

describe('text for a cell', () => {
  const payload = (text: string, replace: boolean) => [
    { source: 'set_next_input', text: 'an earlier one', replace },
    { source: 'set_next_input', text, replace },
  ];
  const sources = (world: WorksheetWorld) => readDocument(world.doc).cells.map(({ source }) => source);

  it('WR29 takes the place of the cell that ran', async () => {
    const world = await opened('%load x.py', 'c');
    hold(world, '%load x.py');
    await world.run('b');
    world.kernels.agent.end(request(world), { status: 'ok', payload: payload('# %load x.py\nx = 1', true) });
    await turns();
    expect(sources(world)).toEqual(['first', '# %load x.py\nx = 1', 'c']);
  });

  it('WR29 comes into a new cell below it, once, also where the gateway is killed before it was confirmed', async () => {
    const world = await opened('recall', 'c');
    hold(world, 'recall');
    await world.run('b');
    world.kernels.agent.end(request(world), { status: 'ok', payload: payload('x = 1', false) });
    await turns();
    await world.kill();
    await turns();
    expect(sources(world)).toEqual(['first', 'recall', 'x = 1', 'c']);
    expect(world.marks).toBe('iiii');
  });

  it('WR29 is left out where it is no text', async () => {
    const world = await opened('b');
    hold(world, 'b');
    await world.run('b');
    world.kernels.agent.end(request(world), {
      status: 'ok',
      payload: [7, null, { source: 'set_next_input', text: 7 }],
    });
    await turns();
    expect(sources(world)).toEqual(['first', 'b']);
  });
});
