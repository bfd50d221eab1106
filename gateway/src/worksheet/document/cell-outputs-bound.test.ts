/** How much of a cell's outputs the document keeps: docs/spec/worksheet-document.md. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { code, err, kept, OutputsWorld, out, plain, sizeIn } from '../../../../test/support/outputs-world.ts';

describe('the bound', () => {
  it('WD35 keeps head and tail and says how much was cut between, and more when more comes', () => {
    const world = new OutputsWorld(code('a'));
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
    const world = new OutputsWorld(code('a'));
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
    const world = new OutputsWorld(code('a'));
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
    const world = new OutputsWorld(code('a'));
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
    const world = new OutputsWorld(code('a'));
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
        const [small, whole] = [new OutputsWorld(code('a')), new OutputsWorld(code('a'))];
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
