/** docs/spec/worksheet-run.md on fake sandboxes: what becomes of kernels, and what is confirmed to them. */
import { describe, expect, it } from 'vitest';
import { turns, World } from '../../../../test/support/kernel-world.ts';
import { hold, opened, request } from '../../../../test/support/runner-steps.ts';
import { WorksheetWorld } from '../../../../test/support/worksheet-world.ts';

describe('kernels', () => {
  it('WR5 a restart ends the cell that runs, and runs what was asked for in the new kernel', async () => {
    const world = await opened('long', 'next');
    hold(world, 'long');
    await world.run('b', 'c');
    await world.do({ do: 'restart', cells: ['a'] });
    expect(world.outputs('b')).toEqual(['KernelRestarted: the kernel was restarted']);
    expect(request(world).content['code']).toBe('first');
    expect(world.status).toMatchObject({ kernel: 'idle', queue: [] });
    expect(world.kernels.agent.generation).toBe(2);
    expect(world.marks).toBe('iii');
  });

  it('WR6 a kernel that dies under a cell says why, and its successor runs what is asked for next', async () => {
    const world = await opened('bomb', 'next');
    hold(world, 'bomb');
    await world.run('b', 'c');
    world.kernels.agent.autoStart = false;
    world.kernels.agent.exit({ oom: true });
    await turns();
    expect(world.outputs('b')).toEqual([
      expect.stringMatching(/^OutOfMemory: out of memory: .*512 MiB/),
      expect.stringContaining('Limit: 512 MiB (policy standard)'),
    ]);
    expect(world.marks).toBe('iii');
    expect(world.status).toMatchObject({ kernel: 'lost', queue: [], reason: expect.stringContaining('out of memory') });
    expect(await world.run('c')).toMatchObject([{ say: 'done' }]);
    expect(world.status.queue).toEqual(['c']);
    world.kernels.agent.autoStart = true;
    world.kernels.agent.started();
    await turns();
    expect(request(world).content['code']).toBe('next');
    expect(world.status).toMatchObject({ kernel: 'idle', queue: [] });
  });

  it('WR31 WR6 a kernel that dies while a run is being written down has a successor that works', async () => {
    const world = await opened('unwritten', 'later');
    world.storing = false;
    await world.run('b');
    const { agent } = world.kernels;
    expect(agent.requests('execute_request').map(({ content }) => content['code'])).toEqual(['first']);
    agent.autoStart = false;
    agent.exit({ signal: 11 });
    await turns();
    expect(world.status.kernel).toBe('lost');
    agent.autoStart = true;
    agent.started();
    await turns();
    await world.store();
    expect(world.status.kernel).toBe('idle');
    await world.run('c');
    expect(agent.requests('execute_request').map(({ content }) => content['code'])).toEqual(['first', 'later']);
  });

  it('WR6 a kernel that died five times is put away; the next run opens another sandbox', async () => {
    const world = await opened('again');
    for (let deaths = 0; deaths < 5; deaths += 1) {
      world.kernels.agent.exit({ oom: true });
      await turns();
    }
    expect(world.status).toMatchObject({ kernel: 'none', reason: expect.stringContaining('out of memory') });
    await world.run('b');
    expect(world.kernels.warden.agents.size).toBe(2);
    expect(request(world).content['code']).toBe('again');
    expect(world.status.kernel).toBe('idle');
  });

  it('WR14 a sandbox that is ended for idleness is told, and the next run opens another one', async () => {
    const world = await opened('again');
    await world.kernels.pass(61_000);
    expect(world.status).toMatchObject({ kernel: 'none', reason: expect.stringContaining('idle for 1 min') });
    await world.run('b');
    expect(world.status).toMatchObject({ kernel: 'idle', reason: '' });
    expect(request(world).content['code']).toBe('again');
  });

  it('WR14 nothing ends while a cell runs; the longest run of a cell is the policy’s', async () => {
    const world = await opened('long');
    hold(world, 'long');
    await world.run('b');
    await world.kernels.pass(599_000);
    expect(world.status.kernel).toBe('busy');
    await world.kernels.pass(3000);
    expect(world.outputs('b').join()).toContain('the longest run of a cell is 10 min');
    expect(world.kernels.agent.controls.some(({ type }) => type === 'interrupt')).toBe(true);
  });

  it('WR14 stop ends the sandbox; what is run meanwhile opens another one', async () => {
    const world = await opened('long', 'next');
    hold(world, 'long');
    await world.run('b');
    world.ask({ do: 'stop' });
    await world.run('c');
    expect(world.outputs('b')).toEqual(['KernelShutDown: the kernel was shut down']);
    expect(world.kernels.warden.closed).toHaveLength(1);
    expect(world.kernels.warden.agents.size).toBe(2);
    expect(request(world).content['code']).toBe('next');
    expect(world.marks).toBe('iii');
  });

  it('WR14 stop while the kernel is being opened leaves no sandbox', async () => {
    const world = await WorksheetWorld.open('x');
    const answers = world.ask({ do: 'run', cells: ['a'] });
    await world.do({ do: 'stop' });
    expect(answers).toMatchObject([{ say: 'refused' }]);
    expect(world.marks).toBe('i');
    expect(world.status.kernel).toBe('none');
    expect(world.kernels.warden.sandboxes.size).toBe(0);
  });

  it('WR30 who waits for a sandbox is told the place, goes on waiting, and gives it up by stop', async () => {
    const world = await WorksheetWorld.open('x');
    const { warden } = world.kernels;
    const told: unknown[] = [];
    world.room.onStatus(({ waits }) => told.push(waits));
    warden.full = true;
    const answers = await world.run('a');
    expect(world.status).toMatchObject({ kernel: 'starting', waits: { place: 1, of: 1, expectedMs: 1500 } });
    warden.queue[0]?.told({ place: 1, of: 7, expectedMs: 900 });
    await world.kernels.pass(120_000);
    expect(told.at(-1)).toEqual({ place: 1, of: 7, expectedMs: 900 });
    warden.queue[0]?.serve();
    await turns();
    expect(answers).toMatchObject([{ say: 'done' }]);
    expect(world.status).toMatchObject({ kernel: 'idle', waits: undefined });
    await world.do({ do: 'stop' });
    const again = await world.run('a');
    expect(warden.queue).toHaveLength(1);
    await world.do({ do: 'stop' });
    expect([warden.queue.length, warden.sandboxes.size, world.status.kernel]).toEqual([0, 0, 'none']);
    expect(again).toMatchObject([{ say: 'refused' }]);
  });

  it('WR14 another sandbox is asked for only when the one before has been given back', async () => {
    const world = await WorksheetWorld.open('x');
    const { warden } = world.kernels;
    const open = warden.open.bind(warden);
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let asked = 0;
    warden.open = async (...about) => {
      asked += 1;
      await gates[asked - 1]?.promise;
      return open(...about);
    };
    await world.run('a');
    world.ask({ do: 'stop' });
    const second = await world.run('a');
    expect([asked, second]).toEqual([1, []]);
    expect(world.status.kernel).toBe('starting');
    gates[0]?.resolve();
    await turns();
    expect([asked, warden.closed.length]).toEqual([2, 1]);
    gates[1]?.resolve();
    await turns();
    expect(second).toMatchObject([{ say: 'done' }]);
    expect(world.status.kernel).toBe('idle');
  });

  it('WR9 a message is confirmed when the document that holds it is stored', async () => {
    const world = await opened('print');
    hold(world, 'print');
    await world.run('b');
    await world.gather();
    const { agent } = world.kernels;
    const before = agent.acked;
    world.storing = false;
    agent.print('hello', request(world));
    await world.gather();
    expect(world.outputs('b')).toEqual(['hello']);
    expect(agent.acked).toBe(before);
    await world.store();
    const printed = agent.acked;
    expect(printed).toBeGreaterThan(before);
    world.storing = false;
    agent.print('end', request(world));
    agent.end(request(world));
    await world.gather();
    expect([world.marks, agent.acked]).toEqual(['ii', printed]);
    await world.store();
    expect(agent.acked).toBeGreaterThan(printed);
  });

  it('WR9 a kernel that prints faster than the store writes is slowed down', async () => {
    const world = await opened('flood');
    hold(world, 'flood');
    await world.run('b');
    world.storing = false;
    const { agent } = world.kernels;
    for (let i = 0; i < 12; i += 1) agent.print('x'.repeat(1024 * 1024), request(world));
    await world.gather();
    world.kernels.agent.print('behind', request(world));
    await world.gather();
    expect(world.outputs('b').join().endsWith('behind')).toBe(false);
    await world.store();
    await world.kernels.pass(2000);
    expect(world.outputs('b').join().endsWith('behind')).toBe(true);
  });

  it('WR11 a client that was let go for being slow comes back and misses nothing', async () => {
    const output = { perCell: 1024 * 1024 * 1024, rate: 1024 * 1024 * 1024 };
    const world = await WorksheetWorld.openIn(new World({ output }), 'first', 'flood');
    await world.run('a');
    hold(world, 'flood');
    const other = world.kernels.connect(world.kernelId, 'quick');
    await world.run('b');
    world.storing = false;
    const { agent } = world.kernels;
    for (let i = 0; i < 70; i += 1) {
      agent.print('x'.repeat(1024 * 1024), request(world));
      await turns(4);
    }
    expect(other.received.length).toBeGreaterThan(60);
    await world.store();
    await world.kernels.pass(2000);
    agent.print('the end', request(world));
    agent.end(request(world));
    await turns();
    expect(world.outputs('b').join().endsWith('the end')).toBe(true);
    expect(world.status.kernel).toBe('idle');
  });
});
