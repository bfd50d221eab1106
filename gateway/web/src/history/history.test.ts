import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { VersionCell, VersionOutput } from '../../../src/wire/version-rest.ts';
import { cellChanges, countChanges } from './cell-changes.ts';
import { byDay } from './days.ts';
import { type Line, textDiff } from './text-diff.ts';

const out = (text: string | undefined, digest = text ?? 'd', types = ['stdout']): VersionOutput => ({
  digest,
  types,
  ...(text !== undefined && { text }),
});
const cell = (
  id: string,
  source = id,
  outputs: VersionOutput[] = [],
  more: Partial<VersionCell> = {},
): VersionCell => ({
  ...{ id, kind: 'code', source, outputs },
  ...more,
});

/** "-removed", "+added", " same", "…3" for a gap; marked words in brackets. */
const told = (lines: readonly Line[]): string[] =>
  lines.map((line) => {
    if (line.mark === 'gap') return `…${line.count}`;
    const sign = { same: ' ', added: '+', removed: '-' }[line.mark];
    return sign + line.words.map(({ text, marked }) => (marked ? `[${text}]` : text)).join('');
  });

test.each([
  ['one\ntwo\nthree', 'one\ntwo\nthree', ['…3']],
  ['x = 1', 'x = 2', ['-x = [1]', '+x = [2]']],
  ['a\nb', 'a\nb\nc', [' a', ' b', '+c']],
  ['', 'new', ['+new']],
  ['old', '', ['-old']],
  ['alpha', 'omega', ['-alpha', '+omega']],
  ['a\n\nb', 'a\nb', [' a', '-', ' b']],
  [
    'def f(x):\n    return x + 1',
    'def f(x, y):\n    return x + y',
    ['-def f(x):', '-    return x + [1]', '+def f(x[, y]):', '+    return x + [y]'],
  ],
  ['1\n2\n3\n4\n5\n6\n7\n8', '1\n2\n3\n4\n5\n6\n7\n9', ['…5', ' 6', ' 7', '-8', '+9']],
])('a text %j becomes %j', (before, after, expected) => {
  expect(told(textDiff(before, after))).toEqual(expected);
});

test('both sides of a difference say the whole texts, but for gaps', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b c', 'b  d', '', 'e'), { maxLength: 6 })
    .map((lines) => lines.join('\n'));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = textDiff(before, after);
      const side = (without: 'added' | 'removed') =>
        lines.flatMap((line) => {
          if (line.mark === 'gap') return Array<string>(line.count).fill('?');
          return line.mark === without ? [] : [line.words.map(({ text: word }) => word).join('')];
        });
      for (const [shown, whole] of [
        [side('added'), before],
        [side('removed'), after],
      ] as const) {
        const real =
          whole.replace(/\n$/, '') === '' && !whole.includes('\n') ? [] : whole.replace(/\n$/, '').split('\n');
        expect(shown.length).toBe(real.length);
        for (const [index, line] of shown.entries()) if (line !== '?') expect(line).toBe(real[index]);
      }
    }),
    { numRuns: 500 },
  );
});

test('texts without end and without likeness are told as replaced, soon', () => {
  const random = (seed: number) =>
    Array.from({ length: 20_000 }, (_, index) => `${(index * seed) % 7919} ${(index * seed) % 104_729}`).join('\n');
  const lines = textDiff(random(31), random(57));
  expect(lines.filter(({ mark }) => mark === 'added')).toHaveLength(20_000);
});

test('cells that are added, removed, moved and changed are told at their places, the others counted', () => {
  const before = ['a', 'b', 'c', 'd', 'e', 'f'].map((id) => cell(id));
  const after = [cell('a'), cell('e'), cell('b'), cell('c', 'c 2'), cell('x'), cell('f')];
  expect(cellChanges(before, after)).toMatchObject([
    { kind: 'same', count: 1 },
    { kind: 'changed', position: 2, movedFrom: 5, cell: { id: 'e' } },
    { kind: 'same', count: 1 },
    { kind: 'changed', position: 4, source: expect.anything() },
    { kind: 'added', position: 5, cell: { id: 'x' } },
    { kind: 'removed', position: 4, cell: { id: 'd' } },
    { kind: 'same', count: 1 },
  ]);
  expect(countChanges(cellChanges(before, after))).toEqual({ added: 1, removed: 1, moved: 1, changed: 1 });
});

test('a cell that was cut and pasted has moved; of two with the same text each is told once', () => {
  const before = [cell('a', 'same'), cell('b', 'same'), cell('c', 'other'), cell('d', '')];
  const after = [cell('n1', 'other'), cell('a', 'same'), cell('n2', 'same'), cell('n3', '')];
  expect(countChanges(cellChanges(before, after))).toEqual({ added: 1, removed: 1, moved: 1, changed: 0 });
});

test('a cell of another kind, and one whose pictures have changed, has changed', () => {
  const changes = cellChanges(
    [cell('a'), cell('b', 'b', [], { kind: 'markdown', attachments: '1' })],
    [cell('a', 'a', [], { kind: 'markdown' }), cell('b', 'b', [], { kind: 'markdown', attachments: '2' })],
  );
  expect(changes).toMatchObject([
    { kind: 'changed', wasKind: 'code', attachments: false },
    { kind: 'changed', attachments: true },
  ]);
});

test('of outputs that differ, texts are compared; pictures and long texts are only named', () => {
  const [change] = cellChanges([cell('a', 'a', [out('1\n'), out('x\n')])], [cell('a', 'a', [out('1\n'), out('y\n')])]);
  expect(change).toMatchObject({ outputs: { before: [{ text: 'x\n' }], after: [{ text: 'y\n' }] } });
  const lines = change?.kind === 'changed' ? change.outputs?.lines : undefined;
  expect(told(lines ?? [])).toEqual(['-x', '+y']);
  const picture = (digest: string) => out('<Figure>', digest, ['image/png', 'text/plain']);
  const [drawn] = cellChanges([cell('a', 'a', [picture('1')])], [cell('a', 'a', [picture('2')])]);
  expect(drawn).toMatchObject({ kind: 'changed', outputs: { before: [{ digest: '1' }], after: [{ digest: '2' }] } });
  expect(drawn).not.toHaveProperty('outputs.lines');
  const [long] = cellChanges([cell('a', 'a', [out(undefined, '1')])], [cell('a', 'a', [])]);
  expect(long).toMatchObject({ outputs: { before: [{ digest: '1' }], after: [] } });
  expect(long).not.toHaveProperty('outputs.lines');
});

test('versions stand under the days on which they were made, where the person is', () => {
  const at = (...time: [number, number, number, number]) => new Date(...time).toISOString();
  const version = (iso: string) => ({ at: iso });
  const now = new Date(2026, 4, 2, 9).getTime();
  const versions = [at(2026, 4, 2, 8), at(2026, 4, 2, 0), at(2026, 4, 1, 23), at(2026, 3, 1, 12), at(2025, 3, 1, 12)];
  const days = byDay(versions.map(version), now, 'en-GB');
  expect(days.map(({ name, versions: all }) => [name, all.length])).toEqual([
    ['today', 2],
    ['yesterday', 1],
    ['Wednesday 1 April', 1],
    ['Tuesday, 1 April 2025', 1],
  ]);
});
