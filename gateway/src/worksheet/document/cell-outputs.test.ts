/** What a kernel publishes, in the document: docs/spec/worksheet-document.md. */
import { YNotebook } from '@jupyter/ydoc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import type { CodeCell, Notebook, Output } from '../../wire/notebook.ts';
import { CellOutputs } from './cell-outputs.ts';
import { cellOf, cellsOf, fillDocument, makeCell, readDocument } from './document.ts';

const WIDE = { head: 1e6, tail: 1e6 };
const code = (id: string, outputs: Output[] = []): CodeCell => ({
  id,
  cell_type: 'code',
  metadata: {},
  source: '',
  outputs,
  execution_count: null,
});

class World {
  readonly doc = new Y.Doc();
  updates = 0;

  constructor(...cells: CodeCell[]) {
    const notebook: Notebook = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells };
    fillDocument(this.doc, notebook);
    this.doc.on('update', () => {
      this.updates += 1;
    });
  }

  outputs(id: string, bound = WIDE): CellOutputs {
    return new CellOutputs(this.doc, id, bound);
  }

  cell(id: string): CodeCell {
    return readDocument(this.doc).cells.find((cell) => cell.id === id) as CodeCell;
  }

  shown(id: string): unknown[] {
    return this.cell(id).outputs.map((output) =>
      output.output_type === 'stream' ? { [output.name]: output.text } : 'data' in output ? output.data : output,
    );
  }

  /** What a page does that moves a cell. */
  move(id: string): void {
    const cells = cellsOf(this.doc);
    const index = cells.toArray().findIndex((cell) => cell.get('id') === id);
    const cell = this.cell(id);
    this.doc.transact(() => {
      cells.delete(index, 1);
      cells.insert(0, [makeCell(cell)]);
    });
  }
}
const out = (text: string) => ['stream', { name: 'stdout', text }] as const;
const err = (text: string) => ['stream', { name: 'stderr', text }] as const;
const plain = (text: string) => ({ data: { 'text/plain': text }, metadata: {} });

describe('outputs', () => {
  it('WD30 are written by flush, in one update, and replace what begin found', () => {
    const world = new World(code('a', [{ output_type: 'stream', name: 'stdout', text: 'old' }]));
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
    const world = new World(code('a'), code('b'));
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
    const world = new World(code('a'));
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
    const world = new World(code('b'), code('a'));
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
    const world = new World(code('a'));
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
    const world = new World(code('a'));
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
    const world = new World(code('a'));
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
    const world = new World(code('a'));
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
    const world = new World(code('a'));
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
    const world = new World(code('a'));
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
    const world = new World(code('a'), code('b'));
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
    const world = new World(code('b'), code('a'));
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
});

/** The size that the note says. */
const sizeIn = (text: string): number =>
  Number((/\[… ([\d,]+) bytes were cut here …\]\n/.exec(text)?.[1] ?? '0').replaceAll(',', ''));
/** Bytes behind the note. */
const kept = (text: string): number => Buffer.byteLength(text.slice(text.indexOf('…]\n') + 3));

describe('the bound', () => {
  it('WD35 keeps head and tail and says how much was cut between, and more when more comes', () => {
    const world = new World(code('a'));
    const outputs = world.outputs('a', { head: 1000, tail: 2000 });
    outputs.begin();
    let printed = '';
    for (let line = 0; line < 5000; line += 1) {
      const text = `line ${line}\n`;
      printed += text;
      outputs.apply(...out(text));
      if (line % 7 === 0) outputs.flush();
      if (line % 500 !== 0) continue;
      outputs.flush();
      const [{ stdout }] = world.shown('a') as [{ stdout: string }];
      if (printed.length <= 3000 - 128) expect(stdout).toBe(printed);
      else {
        const at = stdout.indexOf('[…');
        const head = stdout.slice(0, at);
        const tail = stdout.slice(stdout.indexOf('…]\n') + 3);
        expect(printed.startsWith(head)).toBe(true);
        expect(printed.endsWith(tail)).toBe(true);
        expect(head.length).toBeGreaterThan(900);
        expect(head.length).toBeLessThanOrEqual(1000);
        expect(tail.length).toBeGreaterThan(800);
        expect(tail.length).toBeLessThanOrEqual(2000);
        expect(head.length + sizeIn(stdout) + tail.length).toBe(printed.length);
      }
    }
    expect(Y.encodeStateAsUpdate(world.doc).length).toBeLessThan(5000);
  });

  it.each([1, 40, 4000])('WD35 holds over streams that alternate every %i characters', (size) => {
    const world = new World(code('a'));
    const outputs = world.outputs('a', { head: 5000, tail: 10_000 });
    outputs.begin();
    outputs.apply('display_data', plain('D'));
    let printed = 0;
    for (let turn = 0; turn < 400_000 / size && turn < 4000; turn += 1) {
      const text = 'x'.repeat(size);
      outputs.apply('stream', { name: turn % 2 === 0 ? 'stdout' : 'stderr', text });
      printed += size;
      if (turn % 10 === 0) outputs.flush();
    }
    outputs.flush();
    const [display, ...streams] = world.shown('a') as Record<string, string>[];
    expect(display).toEqual({ 'text/plain': 'D' });
    const text = streams.map((stream) => Object.values(stream)[0] ?? '').join('');
    const cut = sizeIn(text);
    expect(cut).toBeGreaterThan(0);
    expect(text.replaceAll(/[^x]/g, '').length + cut).toBe(printed);
    expect(text.length).toBeLessThan(15_500);
    expect(streams.length).toBeLessThan(130);
  });

  it('WD35 holds for 100 MB of prints, and for one line of them', () => {
    const world = new World(code('a'));
    const outputs = world.outputs('a', { head: 64 * 1024, tail: 64 * 1024 });
    outputs.begin();
    const lines = 'a line of a program that does not stop to print\n'.repeat(20_000);
    for (let part = 0; part < 50; part += 1) {
      outputs.apply(...out(lines));
      outputs.flush();
    }
    const line = 'y'.repeat(1_000_000);
    for (let part = 0; part < 50; part += 1) {
      outputs.apply(...out(line));
      if (part % 5 === 0) outputs.flush();
    }
    outputs.flush();
    const [{ stdout }] = world.shown('a') as [{ stdout: string }];
    const size = Buffer.byteLength(stdout);
    expect(size).toBeLessThanOrEqual(128 * 1024 + 100);
    expect(sizeIn(stdout) + stdout.indexOf('[…') + kept(stdout)).toBe(50 * (lines.length + line.length));
    expect(Y.encodeStateAsUpdate(world.doc).length).toBeLessThan(size + 2000);
  });

  it('WD35 a bar that is redrawn 10,000 times leaves a small document', () => {
    const world = new World(code('a'));
    const outputs = world.outputs('a');
    outputs.begin();
    for (let step = 0; step < 10_000; step += 1) {
      outputs.apply(...err(`\r${String(step / 100).padStart(6)}%|${'█'.repeat(step / 250)}| ${step}/10000`));
      outputs.flush();
    }
    expect(world.shown('a')).toEqual([{ stderr: ` 99.99%|${'█'.repeat(39)}| 9999/10000` }]);
    expect(Y.encodeStateAsUpdate(world.doc).length).toBeLessThan(2000);
  });

  it('WD36 no more than 2000 outputs that are no streams are shown of a cell, and it is said how many are not', () => {
    const world = new World(code('a'));
    const outputs = world.outputs('a');
    for (let count = 0; count < 2003; count += 1) outputs.apply('display_data', plain(`${count}`));
    outputs.apply(...err('after\n'));
    outputs.apply('display_data', plain('x'));
    outputs.flush();
    expect(world.shown('a').slice(1999)).toEqual([
      { 'text/plain': '1999' },
      { stderr: '[… 4 more outputs are not shown …]\n' },
      { stderr: 'after\n' },
    ]);
  });

  it('WD35 whatever comes, the document has what the terminal shows, head and tail of it', () => {
    const step = fc.oneof(
      fc.tuple(fc.constantFrom('stdout', 'stderr'), fc.stringMatching(/^[ab\n\r]{0,30}$/)),
      fc.constantFrom('flush', 'move', 'display'),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(300), fc.nat(300), (steps, head, tail) => {
        const [small, whole] = [new World(code('a')), new World(code('a'))];
        const writers = [small.outputs('a', { head, tail }), whole.outputs('a')];
        for (const one of steps) {
          if (one === 'move') small.move('a');
          for (const writer of writers) {
            if (one === 'flush') writer.flush();
            else if (one === 'display') writer.apply('display_data', plain('D'));
            else if (one !== 'move') writer.apply('stream', { name: one[0], text: one[1] });
          }
        }
        for (const writer of writers) writer.flush();
        const texts = [small, whole].map((world) =>
          (world.shown('a') as Record<string, string>[])
            .map((shown) => shown['stdout'] ?? shown['stderr'] ?? '')
            .join(''),
        );
        const [text = '', full = ''] = texts;
        const note = /\n?\[… [\d,]+ bytes were cut here …\]\n/.exec(text);
        if (note === null) expect(text).toBe(full);
        else {
          const [before, after] = [text.slice(0, note.index), text.slice(note.index + note[0].length)];
          expect(full.startsWith(before)).toBe(true);
          expect(full.endsWith(after)).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
