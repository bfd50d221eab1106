/** docs/spec/worksheet-run.md, "Pages", on fake sandboxes. */
import { describe, expect, it } from 'vitest';
import { turns } from '../../../../test/support/kernel-world.ts';
import { WorksheetWorld } from '../../../../test/support/worksheet-world.ts';
import { CarrelError } from '../../base/errors.ts';
import type { WorksheetStatus } from '../../wire/worksheet-protocol.ts';

describe('commands', () => {
  it('WR1 a run is answered when its cells wait for a kernel that lives', async () => {
    const world = await WorksheetWorld.open('x');
    const notices = world.ask({ do: 'run', id: 'first', cells: ['a'] });
    expect(world.status.kernel).toBe('starting');
    expect(world.busy).toBe(true);
    expect(notices).toEqual([]);
    await turns();
    expect(notices).toEqual([{ say: 'done', id: 'first' }]);
  });

  it('WR7 a run that finds no room is refused, and its first cell says why', async () => {
    const world = await WorksheetWorld.open('x', 'y');
    world.kernels.warden.refusals.push(new CarrelError('no_capacity', 'memory of sandboxes: 8 GiB of 8 GiB in use'));
    const message = 'memory of sandboxes: 8 GiB of 8 GiB in use';
    expect(await world.do({ do: 'run', id: 'r', cells: ['a', 'b'] })).toEqual([{ say: 'refused', id: 'r', message }]);
    expect(world.outputs('a')).toEqual([`KernelNotStarted: ${message}`]);
    expect(world.outputs('b')).toEqual([]);
    expect(world.status).toMatchObject({ kernel: 'none', reason: message });
    expect(world.busy).toBe(false);
    expect(await world.run('a')).toMatchObject([{ say: 'done' }]);
    expect(world.status).toMatchObject({ kernel: 'idle', reason: '' });
  });

  it('WR7 the quota of a person is explained', async () => {
    const world = await WorksheetWorld.open('x');
    for (let i = 0; i < 3; i += 1) await world.kernels.start();
    const [refused] = await world.run('a');
    expect(refused).toMatchObject({ say: 'refused', message: expect.stringMatching(/3/) });
  });

  it('WR18 a command that comes again is answered as it was, and not repeated', async () => {
    const world = await WorksheetWorld.open('x');
    const first = world.ask({ do: 'run', id: 'same', cells: ['a'] });
    const meanwhile = world.ask({ do: 'run', id: 'same', cells: ['a'] });
    await turns();
    const later = await world.do({ do: 'run', id: 'same', cells: ['a'] });
    for (const notices of [first, meanwhile, later]) expect(notices).toEqual([{ say: 'done', id: 'same' }]);
    expect(world.kernels.agent.requests('execute_request')).toHaveLength(1);
    await world.do({ do: 'run', id: 'another', cells: ['a'] });
    expect(world.kernels.agent.requests('execute_request')).toHaveLength(2);
  });

  it('WR18 the last 1000 commands are remembered', async () => {
    const world = await WorksheetWorld.open('x');
    await world.do({ do: 'run', id: 'old', cells: ['a'] });
    for (let i = 0; i < 999; i += 1) world.ask({ do: 'interrupt', id: `i${i}` });
    await world.do({ do: 'run', id: 'old', cells: ['a'] });
    expect(world.kernels.agent.requests('execute_request')).toHaveLength(1);
    for (let i = 0; i < 64; i += 1) await world.do({ do: 'run', id: `r${i}`, cells: ['a'] });
    for (let i = 0; i < 1000; i += 1) world.ask({ do: 'interrupt', id: `j${i}` });
    await world.do({ do: 'run', id: 'old', cells: ['a'] });
    expect(world.kernels.agent.requests('execute_request')).toHaveLength(1 + 64 + 1);
  });

  it('WR18 a run that was asked for is not repeated by the next process of the gateway', async () => {
    const world = await WorksheetWorld.open('x');
    await world.do({ do: 'run', id: 'one', cells: ['a'] });
    await world.kill();
    expect(await world.do({ do: 'run', id: 'one', cells: ['a'] })).toEqual([{ say: 'done', id: 'one' }]);
    expect(world.kernels.agent.requests('execute_request')).toHaveLength(1);
    await world.do({ do: 'run', id: 'two', cells: ['a'] });
    expect(world.kernels.agent.requests('execute_request')).toHaveLength(2);
  });

  it('clears outputs, count and time stamps of cells', async () => {
    const world = await WorksheetWorld.open('x');
    world.kernels.warden.prepare = (agent) =>
      agent.cells.set('x', (_, asked) => {
        agent.print('hello', asked);
        agent.end(asked, { status: 'ok', execution_count: 3 });
      });
    await world.run('a');
    expect(world.outputs('a')).toEqual(['hello']);
    expect(await world.do({ do: 'clear', cells: ['a', 'gone'] })).toMatchObject([{ say: 'done' }]);
    expect(world.outputs('a')).toEqual([]);
    expect(world.field('a', 'execution_count')).toBeNull();
    expect(world.timing('a')).toEqual({});
  });

  it('WR19 completion and documentation are the kernel’s, and nothing where it cannot answer', async () => {
    const world = await WorksheetWorld.open('x', 'long');
    const complete = { do: 'complete', code: 'pri', cursor: 3 } as const;
    expect(await world.do({ ...complete, id: 'c' })).toEqual([{ say: 'done', id: 'c', result: null }]);
    await world.run('a');
    const asked = world.ask({ ...complete, id: 'd' });
    await turns();
    const request = world.kernels.agent.requests('complete_request')[0];
    expect(request?.content).toEqual({ code: 'pri', cursor_pos: 3 });
    expect(asked).toEqual([{ say: 'done', id: 'd', result: { status: 'ok' } }]);
    const inspected = await world.do({ do: 'inspect', id: 'i', code: 'print', cursor: 5 });
    expect(inspected).toEqual([{ say: 'done', id: 'i', result: { status: 'ok' } }]);
    expect(world.kernels.agent.requests('inspect_request')[0]?.content).toMatchObject({ detail_level: 0 });
    world.kernels.agent.cells.set('long', () => {});
    await world.run('b');
    expect(await world.do({ ...complete, id: 'e' })).toEqual([{ say: 'done', id: 'e', result: null }]);
  });

  it('WR19 a question that the kernel does not answer ends after 10 s, or with the kernel', async () => {
    const world = await WorksheetWorld.open('x');
    await world.run('a');
    await turns();
    world.kernels.agent.mute = true;
    const first = world.ask({ do: 'complete', id: 'f', code: '', cursor: 0 });
    await turns();
    expect(first).toEqual([]);
    await world.kernels.pass(10_000);
    expect(first).toEqual([{ say: 'done', id: 'f', result: null }]);
    const second = world.ask({ do: 'complete', id: 'g', code: '', cursor: 0 });
    await world.do({ do: 'stop' });
    expect(second).toMatchObject([{ say: 'done', id: 'g' }]);
  });
});

describe('the status', () => {
  it('WR20 is told when it changes, at most every 50 ms, with its last word', async () => {
    const world = await WorksheetWorld.open('x');
    const told: WorksheetStatus[] = [];
    const end = world.room.onStatus((status) => told.push(status));
    await world.run('a');
    expect(told.map(({ kernel }) => kernel)).toEqual(['starting']);
    await world.kernels.pass(50);
    expect(told.map(({ kernel }) => kernel)).toEqual(['starting', 'idle']);
    for (let i = 0; i < 10; i += 1) await world.run('a');
    await world.kernels.pass(1000);
    expect(told.length).toBeLessThanOrEqual(4);
    expect(told.at(-1)).toMatchObject({ kernel: 'idle', running: undefined });
    end();
    const before = told.length;
    await world.do({ do: 'stop' });
    expect(told.length).toBe(before);
  });

  it('WR20 what the sandbox uses is told when it says so, while somebody listens', async () => {
    const world = await WorksheetWorld.open('x');
    await world.run('a');
    const used = (memory: number) =>
      world.kernels.agent.control({
        type: 'stats',
        memory: { used: memory, peak: memory, limit: 512 },
        cpu: { usec: 9 },
        pids: { used: 3, limit: 64 },
        oomKills: 0,
      });
    used(100);
    await world.kernels.pass(2000);
    expect(world.status.usage).toBeUndefined();
    const told: WorksheetStatus[] = [];
    const end = world.room.onStatus((status) => told.push(status));
    await world.kernels.pass(2000);
    expect(told.at(-1)?.usage).toEqual({ memory: 100, limit: 512, cpu: 9 });
    used(150);
    await world.kernels.pass(50);
    expect(told.at(-1)?.usage?.memory).toBe(150);
    const before = told.length;
    used(150);
    await world.kernels.pass(30_000);
    expect(told.length).toBe(before);
    end();
    used(200);
    await world.kernels.pass(4000);
    expect(world.status.usage?.memory).toBe(150);
  });

  it('WR21 close lets the kernel live, and the worksheet that is opened again goes on', async () => {
    const world = await WorksheetWorld.open('x', 'long');
    await world.run('a');
    world.kernels.agent.cells.set('long', () => {});
    await world.run('b');
    const asked = world.kernels.agent.requests('execute_request')[1];
    if (asked === undefined) throw new Error('nothing was executed');
    world.kernels.agent.print('before ', asked);
    await turns();
    await world.room.close();
    world.kernels.agent.print('while closed ', asked);
    world.kernels.agent.end(asked);
    await turns();
    world.openRoom();
    await world.gather();
    expect(world.outputs('b')).toEqual(['before while closed ']);
    expect(world.marks).toBe('ii');
    expect(world.status.kernel).toBe('idle');
  });
});
