/** docs/spec/worksheet-run.md on fake sandboxes: what the kernel says comes into the document. */
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { turns } from '../../../../test/support/kernel-world.ts';
import { error, hold, opened, request } from '../../../../test/support/runner-steps.ts';
import { cellsOf } from '../document/document.ts';

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
