/** docs/spec/worksheet-run.md on fake sandboxes: what the kernel says comes into the document, whoever dies meanwhile. */
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { turns, World } from '../../../../test/support/kernel-world.ts';
import { WorksheetWorld } from '../../../../test/support/worksheet-world.ts';
import type { KernelMessage } from '../../wire/kernel-message.ts';
import { cellsOf } from '../document/document.ts';

/** Requests of a cell that stays open until the test ends it. */
function hold(world: WorksheetWorld, code: string): void {
  world.kernels.agent.cells.set(code, (agent, request) => {
    agent.say('iopub', 'execute_input', request, { code, execution_count: 7 });
  });
}

function request(world: WorksheetWorld, at = -1): KernelMessage {
  const found = world.kernels.agent.requests('execute_request').at(at);
  if (found === undefined) throw new Error('nothing was executed');
  return found;
}

/** A worksheet whose kernel has run a cell, so that the test can say what others do. */
async function opened(...sources: string[]): Promise<WorksheetWorld> {
  const world = await WorksheetWorld.open('first', ...sources);
  await world.run('a');
  return world;
}

const error = { status: 'error', ename: 'ValueError', evalue: 'no', traceback: ['ValueError: no'] };

describe('cells', () => {
  it('WR1 WR17 runs cells in the order asked and puts what they say into the document', async () => {
    const world = await opened('print', 'value');
    const { agent } = world.kernels;
    agent.cells.set('print', (_, asked) => {
      agent.say('iopub', 'execute_input', asked, { code: 'print', execution_count: 2 });
      agent.print('hello ', asked);
      agent.print('world', asked);
      agent.end(asked, { status: 'ok', execution_count: 2 });
    });
    agent.cells.set('value', (_, asked) => {
      agent.say('iopub', 'execute_result', asked, { data: { 'text/plain': '42' }, metadata: {}, execution_count: 3 });
      agent.end(asked, { status: 'ok', execution_count: 3 });
    });
    await world.run('c', 'b');
    expect(agent.requests('execute_request').map(({ content }) => content['code'])).toEqual([
      'first',
      'value',
      'print',
    ]);
    expect(world.outputs('b')).toEqual(['hello world']);
    expect(world.outputs('c')).toEqual(['42']);
    expect([world.field('b', 'execution_count'), world.field('c', 'execution_count')]).toEqual([2, 3]);
    expect(world.marks).toBe('iii');
    expect(Object.keys(world.timing('b')).sort()).toEqual([
      ...['iopub.execute_input', 'iopub.status.busy', 'iopub.status.idle', 'shell.execute_reply'],
    ]);
    expect(request(world).content).toMatchObject({ allow_stdin: true, silent: false, stop_on_error: true });
  });

  it('WR1 WR21 shows what runs and what waits, and keeps the document loaded', async () => {
    const world = await opened('long', 'next');
    hold(world, 'long');
    await world.run('b', 'c');
    expect(world.marks).toBe('irp');
    expect(world.busy).toBe(true);
    expect(world.status).toMatchObject({ kernel: 'busy', running: 'b', queue: ['c'] });
    world.kernels.agent.end(request(world));
    await turns();
    expect(world.marks).toBe('iii');
    expect(world.busy).toBe(false);
    expect(world.status).toMatchObject({ kernel: 'idle', running: undefined, queue: [] });
  });

  it('WR2 runs code only', async () => {
    const world = await opened('text');
    const text = cellsOf(world.doc).get(1);
    text.set('cell_type', 'markdown');
    expect(await world.run('b', 'nowhere')).toMatchObject([{ say: 'done' }]);
    expect(world.kernels.agent.requests('execute_request')).toHaveLength(1);
  });

  it('WR3 stops at the first error', async () => {
    const world = await opened('wrong', 'never');
    world.kernels.agent.cells.set('wrong', (agent, asked) => {
      agent.say('iopub', 'error', asked, error);
      agent.end(asked, error);
    });
    await world.run('b', 'c');
    expect(world.outputs('b')).toEqual(['ValueError: no']);
    expect(world.marks).toBe('iii');
    expect(world.kernels.agent.requests('execute_request')).toHaveLength(2);
  });

  it('WR4 interrupts the cell that runs and nothing is left waiting', async () => {
    const world = await opened('long', 'next');
    hold(world, 'long');
    await world.run('b', 'c');
    await world.do({ do: 'interrupt' });
    expect(world.kernels.agent.controls.some(({ type }) => type === 'interrupt')).toBe(true);
    expect(world.marks).toBe('iri');
  });

  it('WR12 a deleted cell waits no longer, a moved one keeps its place', async () => {
    const world = await opened('long', 'x', 'y');
    hold(world, 'long');
    await world.run('b', 'c', 'd');
    const cells = cellsOf(world.doc);
    world.doc.transact(() => {
      const copy = new Y.Map<unknown>([
        ['id', 'd'],
        ['cell_type', 'code'],
        ['source', new Y.Text('y')],
        ['metadata', new Y.Map()],
        ['outputs', new Y.Array()],
        ['execution_count', null],
      ]);
      cells.delete(2, 2);
      cells.insert(0, [copy]);
    });
    await turns();
    expect(world.status.queue).toEqual(['d']);
    expect(world.field('d', 'execution_state')).toBe('pending');
    cells.delete(2, 1);
    world.kernels.agent.print('to nobody', request(world));
    world.kernels.agent.end(request(world));
    await turns();
    expect(request(world).content['code']).toBe('y');
    expect(world.status).toMatchObject({ kernel: 'idle', queue: [] });
  });

  it('WR13 a question is in the status; its answer reaches the kernel and stays under the cell', async () => {
    const world = await opened('ask');
    const { agent } = world.kernels;
    for (const password of [false, true]) {
      agent.cells.set('ask', (_, asked) => agent.say('stdin', 'input_request', asked, { prompt: 'name? ', password }));
      await world.run('b');
      const { question } = world.status;
      expect(question).toMatchObject({ cell: 'b', prompt: 'name? ', password });
      await world.do({ do: 'answer', question: String(question?.id), value: 'Ada' });
      expect(world.status.question).toBeUndefined();
      expect(agent.requests('input_reply').at(-1)?.content).toEqual({ status: 'ok', value: 'Ada' });
      agent.end(request(world));
      await turns();
      expect(world.outputs('b')).toEqual([password ? 'name? ········\n' : 'name? Ada\n']);
    }
  });

  it('WR15 what threads print after the end goes to their cell, until it is run again', async () => {
    const world = await opened('thread');
    await world.run('b');
    const first = request(world);
    world.kernels.agent.print('late', first);
    await world.gather();
    expect(world.outputs('b')).toEqual(['late']);
    await world.run('b');
    world.kernels.agent.print('too late', first);
    await world.gather();
    expect(world.outputs('b')).toEqual([]);
  });

  it('WR15 a display is updated wherever it is shown', async () => {
    const world = await opened('show', 'update');
    const { agent } = world.kernels;
    const display = (text: string) => ({ data: { 'text/plain': text }, metadata: {}, transient: { display_id: 'd' } });
    agent.cells.set('show', (_, asked) => {
      agent.say('iopub', 'display_data', asked, display('0 %'));
      agent.end(asked);
    });
    agent.cells.set('update', (_, asked) => {
      agent.say('iopub', 'update_display_data', asked, display('100 %'));
      agent.end(asked);
    });
    await world.run('b', 'c');
    expect(world.outputs('b')).toEqual(['100 %']);
    expect(world.outputs('c')).toEqual([]);
  });

  it('WR15 what another client of the kernel runs goes nowhere, whatever it calls its requests', async () => {
    const world = await opened('mine');
    const other = world.kernels.connect(world.kernelId, 'jupyter');
    world.kernels.agent.cells.set('theirs', (agent, asked) => {
      agent.print('theirs', asked);
      agent.end(asked);
    });
    other.ask('execute_request', { code: 'theirs' }, 'shell', 'b_99999999999999');
    await world.gather();
    expect(other.text('b_99999999999999')).toBe('theirs');
    expect(world.outputs('b')).toEqual([]);
  });

  it('WR16 gathers what a running cell prints, and waits for nothing at its end', async () => {
    const world = await opened('loop');
    hold(world, 'loop');
    await world.run('b');
    let changes = 0;
    world.doc.on('update', () => {
      changes += 1;
    });
    for (let i = 0; i < 20; i += 1) {
      world.kernels.agent.print(`${i} `, request(world));
      await turns(2);
    }
    expect(changes).toBe(0);
    await world.gather();
    expect(world.outputs('b')).toEqual([Array.from({ length: 20 }, (_, i) => `${i} `).join('')]);
    expect(changes).toBe(1);
    world.kernels.agent.print('end', request(world));
    world.kernels.agent.end(request(world));
    await turns();
    expect(changes).toBeLessThanOrEqual(3);
    expect(world.outputs('b')[0]).toMatch(/19 end$/);
    expect(world.marks).toBe('ii');
  });

  it('WR17 what a page shows of a help request stays under the cell', async () => {
    const world = await opened('help?');
    world.kernels.agent.cells.set('help?', (agent, asked) => {
      const payload = [{ source: 'page', data: { 'text/plain': 'Type: module' }, start: 0 }, 'nonsense'];
      agent.end(asked, { status: 'ok', execution_count: 2, payload });
    });
    await world.run('b');
    expect(world.outputs('b')).toEqual(['Type: module']);
  });
});

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
    expect(world.outputs('b')).toEqual([expect.stringMatching(/^OutOfMemory: out of memory: .*512 MiB/)]);
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

  it('WR11 a run that could not be written down is taken over, and not run again', async () => {
    const world = await opened('long', 'unwritten', 'last');
    hold(world, 'long');
    hold(world, 'unwritten');
    await world.run('b', 'c', 'd');
    world.storing = false;
    world.kernels.agent.end(request(world));
    await turns();
    const unwritten = request(world);
    expect(unwritten.content['code']).toBe('unwritten');
    await world.kill();
    expect(world.status).toMatchObject({ kernel: 'busy', running: 'c', queue: ['d'] });
    expect(world.marks).toBe('iirp');
    world.kernels.agent.print('mine', unwritten);
    world.kernels.agent.end(unwritten);
    await turns();
    expect(world.outputs('c')).toEqual(['mine']);
    const ran = world.kernels.agent.requests('execute_request').map(({ content }) => content['code']);
    expect(ran).toEqual(['first', 'long', 'unwritten', 'last']);
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

  it('WR10 whenever it dies, the document ends as if it had not', async () => {
    for (let moment = 0; moment < 24; moment += 1) {
      const world = await opened('long', 'next');
      world.kernels.agent.cells.set('long', () => {});
      world.storing = moment % 2 === 0;
      await world.run('b', 'c');
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
      /** At the second moment nothing of the run had been stored, and nobody told that it was taken. */
      expect([moment, ran]).toEqual([moment, moment === 1 ? ['first', 'long'] : ['first', 'long', 'next']]);
    }
  });
});
