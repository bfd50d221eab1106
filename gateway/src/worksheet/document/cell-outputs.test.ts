/** What a kernel publishes, in the document: docs/spec/worksheet-document.md. */
import { YNotebook } from '@jupyter/ydoc';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { code, err, kept, OutputsWorld, out, plain, sizeIn } from '../../../../test/support/outputs-world.ts';
import { cellOf, cellsOf, readDocument } from './document.ts';

describe('outputs', () => {
  it('WD30 are written by flush, in one update, and replace what begin found', () => {
    const world = new OutputsWorld(code('a', [{ output_type: 'stream', name: 'stdout', text: 'old' }]));
    const outputs = world.outputs('a');
    outputs.begin();
    outputs.count(7);
    outputs.apply(...out('one\n'));
    outputs.apply(...out('two\n'));
    outputs.apply(...err('three\n'));
    outputs.apply('display_data', plain('D'));
    outputs.apply('execute_result', { ...plain('R'), execution_count: 7 });
    outputs.apply('error', { ename: 'E', evalue: 'v', traceback: ['t'] });
    expect(world.shown('a')).toEqual([{ stdout: 'old' }]);
    outputs.flush();
    expect(world.updates).toBe(1);
    outputs.flush();
    expect(world.updates).toBe(1);
    expect(world.cell('a')).toEqual({
      ...code('a', [
        { output_type: 'stream', name: 'stdout', text: 'one\ntwo\n' },
        { output_type: 'stream', name: 'stderr', text: 'three\n' },
        { output_type: 'display_data', ...plain('D') },
        { output_type: 'execute_result', ...plain('R'), execution_count: 7 },
        { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['t'] },
      ]),
      execution_count: 7,
    });
    const jupyter = new YNotebook();
    Y.applyUpdate(jupyter.ydoc, Y.encodeStateAsUpdate(world.doc));
    expect(jupyter.getCell(0).toJSON()).toEqual(world.cell('a'));
  });

  it('WD30 of a cell that is not there are ignored, also when it is deleted meanwhile', () => {
    const world = new OutputsWorld(code('a'), code('b'));
    const outputs = world.outputs('a');
    outputs.apply(...out('x'));
    outputs.flush();
    cellsOf(world.doc).delete(0, 1);
    outputs.apply(...out('y'));
    outputs.flush();
    const nowhere = world.outputs('nowhere');
    nowhere.begin();
    nowhere.apply('display_data', plain('x'));
    nowhere.flush();
    expect(readDocument(world.doc).cells).toEqual([code('b')]);
  });

  it('WD30 are there when an undo brings the cell back', () => {
    const world = new OutputsWorld(code('a'));
    const undo = new Y.UndoManager(cellsOf(world.doc), { trackedOrigins: new Set(['person']) });
    const outputs = world.outputs('a');
    outputs.begin();
    outputs.apply(...out('one\n'));
    outputs.flush();
    world.doc.transact(() => cellsOf(world.doc).delete(0, 1), 'person');
    outputs.apply(...out('two\n'));
    outputs.flush();
    undo.undo();
    outputs.apply(...out('three\n'));
    outputs.flush();
    expect(world.shown('a')).toEqual([{ stdout: 'one\ntwo\nthree\n' }]);
  });

  it('WD31 follow a cell that is moved while it runs', () => {
    const world = new OutputsWorld(code('b'), code('a'));
    const outputs = world.outputs('a');
    outputs.begin();
    outputs.apply(...out('one\n'));
    outputs.apply('display_data', plain('D'));
    outputs.flush();
    outputs.apply(...out('two\n'));
    world.move('a');
    outputs.apply(...out('three\n'));
    outputs.flush();
    outputs.apply(...out('four\n'));
    outputs.flush();
    expect(world.shown('a')).toEqual([{ stdout: 'one\n' }, { 'text/plain': 'D' }, { stdout: 'two\nthree\nfour\n' }]);
  });

  it('WD31 that somebody clears while the cell runs do not come again', () => {
    const world = new OutputsWorld(code('a'));
    const outputs = world.outputs('a');
    outputs.begin();
    outputs.apply(...out('one\n'));
    outputs.apply('display_data', plain('D'));
    outputs.apply(...out('two\n'));
    outputs.flush();
    const shared = cellOf(world.doc, 'a')?.get('outputs') as Y.Array<unknown>;
    shared.delete(0, shared.length);
    outputs.apply(...out('three\n'));
    outputs.flush();
    expect(world.shown('a')).toEqual([{ stdout: 'three\n' }]);
  });

  it('WD31 that somebody else wrote into are put right', () => {
    const world = new OutputsWorld(code('a'));
    const outputs = world.outputs('a');
    outputs.apply(...out('one\ntwo\n'));
    outputs.flush();
    const shared = cellOf(world.doc, 'a')?.get('outputs') as Y.Array<Y.Map<Y.Text>>;
    shared.get(0).get('text')?.delete(0, 5);
    outputs.apply(...out('three\n'));
    outputs.flush();
    expect(world.shown('a')).toEqual([{ stdout: 'one\ntwo\nthree\n' }]);
  });

  it('WD31 go on where those of an earlier gateway ended', () => {
    const world = new OutputsWorld(code('a'));
    const bound = { head: 40, tail: 40 };
    const outputs = world.outputs('a', bound);
    outputs.begin();
    for (let line = 0; line < 100; line += 1) outputs.apply(...out(`${String(line).padStart(9)}\n`));
    outputs.flush();
    const later = world.outputs('a', bound);
    later.apply(...out('50%'));
    later.flush();
    world.outputs('a', bound).flush();
    const last = world.outputs('a', bound);
    last.apply(...out('\r60%'));
    for (let line = 0; line < 10; line += 1) last.apply(...out(`\n${String(line).padStart(9)}`));
    last.flush();
    const [{ stdout }] = world.shown('a') as [{ stdout: string }];
    expect(stdout).toMatch(/^ {8}0\n {8}1\n {8}2\n {8}3\n\[… [\d,]+ bytes were cut here …\]\n/);
    expect(sizeIn(stdout)).toBe(1000 + 4 + 99 - 40 - kept(stdout));
  });

  it('WD32 that are nonsense are ignored or made fit', () => {
    const world = new OutputsWorld(code('a'));
    const outputs = world.outputs('a');
    for (const content of [null, 7, [], {}, { text: 5, name: 'stdout' }, { text: '' }])
      outputs.apply('stream', content);
    outputs.apply('stream', { name: 7, text: 'x\ud800' });
    outputs.apply('display_data', { data: { 'text/plain': { a: 1 }, 'text/html': ['a', 'b'] }, metadata: 5 });
    outputs.apply('display_data', { data: JSON.parse('{"application/json":{"__proto__":{"x":1},"y":2}}') });
    outputs.apply('error', { evalue: 5 });
    outputs.apply('comm_msg', plain('x'));
    outputs.flush();
    expect(world.shown('a')).toEqual([
      { stdout: 'x\ufffd' },
      { 'text/plain': '{"a":1}', 'text/html': 'ab' },
      { 'application/json': { y: 2 } },
      { output_type: 'error', ename: '', evalue: '5', traceback: [] },
    ]);
  });
});

describe('clear_output', () => {
  it('WD33 takes the outputs away at once, or with the next one where it waits', () => {
    const world = new OutputsWorld(code('a'));
    const outputs = world.outputs('a');
    outputs.apply(...out('one'));
    outputs.flush();
    outputs.apply('clear_output', { wait: true });
    outputs.flush();
    expect(world.shown('a')).toEqual([{ stdout: 'one' }]);
    outputs.apply(...out('two'));
    outputs.flush();
    expect(world.shown('a')).toEqual([{ stdout: 'two' }]);
    outputs.apply('clear_output', { wait: false });
    outputs.flush();
    expect(world.shown('a')).toEqual([]);
  });

  it('WD33 in a loop does not grow the document', () => {
    const world = new OutputsWorld(code('a'));
    const outputs = world.outputs('a');
    outputs.begin();
    for (let step = 0; step < 1000; step += 1) {
      outputs.apply('clear_output', { wait: true });
      outputs.apply('display_data', plain('x'.repeat(1000)));
      outputs.flush();
    }
    expect(Y.encodeStateAsUpdate(world.doc).length).toBeLessThan(40_000);
  });
});

describe('display ids', () => {
  const transient = { display_id: 'd' };
  it('WD34 change every output that has them, in the whole document', () => {
    const world = new OutputsWorld(code('a'), code('b'));
    const [a, b] = [world.outputs('a'), world.outputs('b')];
    a.apply('display_data', plain('1'), transient);
    a.apply('display_data', plain('other'), { display_id: 'e' });
    a.flush();
    b.apply('execute_result', { ...plain('2'), execution_count: 1, transient });
    b.apply('update_display_data', { data: { 'text/plain': '3' }, metadata: { m: 1 } }, transient);
    b.flush();
    expect([world.shown('a'), world.shown('b')]).toEqual([
      [{ 'text/plain': '3' }, { 'text/plain': 'other' }],
      [{ 'text/plain': '3' }],
    ]);
    expect(world.cell('a').outputs[0]).toEqual({
      output_type: 'display_data',
      data: { 'text/plain': '3' },
      metadata: { m: 1 },
    });
    expect(world.updates).toBe(2);
  });

  it('WD34 are found in a cell that was moved, and not in one that was cleared', () => {
    const world = new OutputsWorld(code('b'), code('a'));
    const [a, b] = [world.outputs('a'), world.outputs('b')];
    a.apply('display_data', plain('1'), transient);
    a.flush();
    world.move('a');
    b.apply('update_display_data', plain('2'), transient);
    b.flush();
    expect(world.shown('a')).toEqual([{ 'text/plain': '2' }]);
    a.begin();
    a.apply(...out('x'));
    a.flush();
    b.apply('update_display_data', plain('3'), transient);
    b.flush();
    expect([world.shown('a'), world.shown('b')]).toEqual([[{ stdout: 'x' }], []]);
  });

  it('WD34 are found by the next gateway, and are in no file', () => {
    const world = new OutputsWorld(code('a'), code('b'));
    const a = world.outputs('a');
    a.apply('display_data', plain('1'), transient);
    a.flush();
    expect(world.cell('a').outputs).toEqual([{ output_type: 'display_data', ...plain('1') }]);
    const next = new OutputsWorld();
    Y.applyUpdate(next.doc, Y.encodeStateAsUpdate(world.doc));
    const b = next.outputs('b');
    b.apply('update_display_data', plain('2'), transient);
    b.flush();
    expect(next.shown('a')).toEqual([{ 'text/plain': '2' }]);
    next.outputs('a').apply('update_display_data', plain('3'), transient);
    b.apply('update_display_data', plain('4'), transient);
    b.flush();
    expect(next.shown('a')).toEqual([{ 'text/plain': '4' }]);
  });
});
