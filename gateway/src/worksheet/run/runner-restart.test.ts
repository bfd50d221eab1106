/** docs/spec/worksheet-run.md on fake sandboxes: the gateway's process dies, and the next one goes on. */
import { describe, expect, it } from 'vitest';
import { turns } from '../../../../test/support/kernel-world.ts';
import { error, hold, opened, request } from '../../../../test/support/runner-steps.ts';

import { makeMessage } from '../../wire/wire-message.ts';

describe('the gateway dies', () => {
  it('WR8 WR10 output that came meanwhile is there once, and the cell ends', async () => {
    const world = await opened('long', 'next');
    hold(world, 'long');
    await world.run('b', 'c');
    const { agent } = world.kernels;
    agent.print('stored and confirmed ', request(world));
    await world.gather();
    world.storing = false;
    agent.print('not stored ', request(world));
    await world.gather();
    const asked = request(world);
    await world.kill();
    expect(world.status).toMatchObject({ kernel: 'busy', running: 'b', queue: ['c'] });
    agent.print('later ', asked);
    agent.end(asked, { status: 'ok', execution_count: 5 });
    await turns();
    expect(world.outputs('b')).toEqual(['stored and confirmed not stored later ']);
    expect(world.field('b', 'execution_count')).toBe(5);
    expect(request(world).content['code']).toBe('next');
    expect(world.marks).toBe('iii');
    expect(agent.requests('execute_request')).toHaveLength(3);
  });

  it('WR10 what was stored and not yet confirmed is not repeated', async () => {
    const world = await opened('long');
    hold(world, 'long');
    await world.run('b');
    const { agent } = world.kernels;
    const asked = request(world);
    agent.mute = true;
    agent.print('once ', asked);
    await world.gather();
    world.storing = false;
    agent.print('twice ', asked);
    await world.gather();
    world.storing = true;
    world.keepUnconfirmed();
    agent.mute = false;
    await world.kill();
    agent.end(asked);
    await world.gather();
    expect(world.outputs('b')).toEqual(['once twice ']);
    expect(world.marks).toBe('ii');
  });

  it('WR10 a question is there again', async () => {
    const world = await opened('ask');
    world.kernels.agent.cells.set('ask', (agent, asked) =>
      agent.say('stdin', 'input_request', asked, { prompt: 'name? ', password: false }),
    );
    await world.run('b');
    await world.gather();
    await world.kill();
    const { question } = world.status;
    expect(question).toMatchObject({ cell: 'b', prompt: 'name? ' });
    await world.do({ do: 'answer', question: String(question?.id), value: 'Ada' });
    expect(world.kernels.agent.requests('input_reply').at(-1)?.content).toEqual({ status: 'ok', value: 'Ada' });
  });

  it('WR11 a request that the kernel never had is sent again', async () => {
    const world = await opened('lost');
    const heard = world.kernels.agent.requests('execute_request').length;
    world.kernels.agent.mute = true;
    await world.run('b');
    world.kernels.agent.mute = false;
    await world.kill();
    expect(world.kernels.agent.requests('execute_request').length).toBe(heard + 1);
    expect(request(world).content['code']).toBe('lost');
    expect(world.marks).toBe('ii');
  });

  it('WR31 nothing is run before it is written down, and what comes after it keeps its place', async () => {
    const world = await opened('long', 'unwritten');
    hold(world, 'long');
    hold(world, 'unwritten');
    await world.run('b', 'c');
    world.storing = false;
    world.kernels.agent.end(request(world));
    await turns();
    expect(world.status.running).toBe('c');
    world.ask({ do: 'interrupt' });
    await turns();
    expect(request(world).content['code']).toBe('long');
    expect(world.kernels.agent.controls.filter(({ type }) => type === 'interrupt')).toEqual([]);
    await world.kill();
    world.kernels.agent.end(request(world));
    await turns();
    const ran = world.kernels.agent.requests('execute_request').map(({ content }) => content['code']);
    expect(ran).toEqual(['first', 'long', 'unwritten']);
    expect(world.marks).toBe('iii');
  });

  it('WR11 a run that is written down nowhere any more is taken over, and not run again', async () => {
    const world = await opened('long', 'unwritten', 'last');
    hold(world, 'long');
    await world.run('b', 'c', 'd');
    const long = request(world);
    world.storing = false;
    const { agent } = world.kernels;
    agent.end(long);
    await turns();
    /** The store lost its end: a copy of a moment before was brought back. */
    const number = Number(/_(\d+)$/.exec(long.header.msg_id)?.[1]);
    const unwritten = makeMessage('shell', { ...long.header, msg_id: `c_${number + 1}` }, {}, { code: 'unwritten' });
    agent.status('busy', unwritten);
    await world.kill();
    expect(world.status).toMatchObject({ kernel: 'busy', running: 'c', queue: ['d'] });
    expect(world.marks).toBe('iirp');
    world.kernels.agent.print('mine', unwritten);
    world.kernels.agent.end(unwritten);
    await turns();
    expect(world.outputs('c')).toEqual(['mine']);
    const ran = world.kernels.agent.requests('execute_request').map(({ content }) => content['code']);
    expect(ran).toEqual(['first', 'long', 'last']);
    expect(world.marks).toBe('iiii');
  });

  it('WR11 a cell whose kernel is another one by now is told so', async () => {
    const world = await opened('long', 'next');
    hold(world, 'long');
    await world.run('b', 'c');
    await world.gather();
    const { agent } = world.kernels;
    agent.generation = 2;
    agent.started();
    await world.kill();
    await turns();
    expect(world.outputs('b')).toEqual([expect.stringMatching(/^KernelLost: /)]);
    expect(world.marks).toBe('iii');
    expect(world.status.kernel).toBe('idle');
  });

  it('WR10 a worksheet whose sandbox is gone says so under the cell', async () => {
    const world = await opened('long', 'next');
    hold(world, 'long');
    await world.run('b', 'c');
    await world.gather();
    world.kernels.warden.sandboxes.clear();
    await world.kill();
    expect(world.outputs('b')).toEqual([expect.stringMatching(/^KernelEnded: the sandbox has ended while the server/)]);
    expect(world.marks).toBe('iii');
    expect(world.status).toMatchObject({ kernel: 'none', queue: [], running: undefined });
    await world.kill();
    expect(world.outputs('b')).toHaveLength(1);
  });

  it('WR23 cells that wait run in the order in which they were asked for', async () => {
    const world = await opened('b', 'c', 'd', 'e');
    hold(world, 'e');
    await world.run('e', 'c', 'b');
    await world.run('d');
    await world.kill();
    expect(world.status).toMatchObject({ running: 'e', queue: ['c', 'b', 'd'] });
    world.kernels.agent.end(request(world));
    await turns();
    const ran = world.kernels.agent.requests('execute_request').map(({ content }) => content['code']);
    expect(ran).toEqual(['first', 'e', 'c', 'b', 'd']);
  });

  it('WR24 a restart that it was about is done, and then what was to run runs', async () => {
    const world = await opened('b', 'c');
    const { agent } = world.kernels;
    hold(world, 'b');
    await world.run('b');
    agent.autoStart = false;
    await world.do({ do: 'restart', cells: ['c', 'b'] });
    expect(world.status).toMatchObject({ kernel: 'restarting', queue: ['c', 'b'] });
    agent.cells.delete('b');
    await world.kill();
    agent.autoStart = true;
    agent.started();
    await turns();
    await world.kernels.pass(1000);
    expect(agent.controls.filter(({ type }) => type === 'restart').length).toBeGreaterThan(1);
    const ran = agent.requests('execute_request').map(({ content }) => content['code']);
    expect(ran).toEqual(['first', 'b', 'c', 'b']);
    expect(world.status).toMatchObject({ kernel: 'idle', queue: [], running: undefined });
    expect(world.marks).toBe('iii');
  });

  it('WR10 whenever it dies, the document ends as if it had not', async () => {
    for (let moment = 0; moment < 24; moment += 1) {
      const world = await opened('long', 'next');
      world.kernels.agent.cells.set('long', () => {});
      await world.run('b', 'c');
      world.storing = moment % 2 === 0;
      const asked = request(world);
      const { agent } = world.kernels;
      let step = 0;
      const maybeKill = async () => {
        if (step === moment) await world.kill();
        step += 1;
      };
      for (let i = 0; i < 6; i += 1) {
        if ((moment + i) % 3 === 0) world.storing = false;
        agent.print(`${i} `, asked);
        await turns(3);
        await maybeKill();
        await world.gather();
        await maybeKill();
        await world.store();
        await maybeKill();
        await turns(3);
      }
      agent.say('iopub', 'error', asked, error);
      agent.say('shell', 'execute_reply', asked, { status: 'ok', execution_count: 4 });
      await turns(3);
      await maybeKill();
      await world.gather();
      await maybeKill();
      agent.status('idle', asked);
      await maybeKill();
      await world.gather();
      await turns();
      expect([moment, world.outputs('b')]).toEqual([moment, ['0 1 2 3 4 5 ', 'ValueError: no']]);
      expect([moment, world.marks, world.status.kernel]).toEqual([moment, 'iii', 'idle']);
      const ran = agent.requests('execute_request').map(({ content }) => content['code']);
      expect([moment, ran]).toEqual([moment, ['first', 'long', 'next']]);
    }
  });
});
