import { describe, expect, it } from 'vitest';
import { isSandboxId, type SandboxId } from '../../base/ids.ts';
import type { StoredFile } from '../../store/worksheet-files.ts';
import { planSync, type SyncFacts } from './sync-plan.ts';

const sandboxId = (text: string): SandboxId => {
  if (!isSandboxId(text)) throw new Error(text);
  return text;
};
const HERE = sandboxId('0123456789abcdef');
const BEFORE = sandboxId('fedcba9876543210');
const MIB = 2 ** 20;

const kept = (path: string, change: Partial<StoredFile> = {}): StoredFile => ({
  ...{ path, size: 10, mtime: 1000, sha256: '', blob: path, seenIn: HERE, changedAt: 1 },
  ...change,
});
const found = (path: string, size = 10, mtime = 1000) => ({ path, size, mtime });

/** What is to be done, as paths. */
function plan(facts: Partial<SyncFacts>) {
  const { put, same, take, drop, problems } = planSync({
    ...{ sandbox: HERE, kept: [], found: [], complete: true, bound: { size: 100, count: 3 } },
    ...facts,
  });
  const paths = (files: readonly { path: string }[]) => files.map(({ path }) => path);
  const steps = { put: paths(put), same: paths(same), take: paths(take), drop: paths(drop) };
  return {
    ...Object.fromEntries(Object.entries(steps).filter(([, list]) => list.length > 0)),
    ...(problems.size > 0 ? { problems: Object.fromEntries(problems) } : {}),
  };
}

describe('what is to be done', () => {
  it('is nothing where both have the same', () => {
    expect(plan({ kept: [kept('a')], found: [found('a')] })).toEqual({});
  });

  it('WF4 WF7 a new sandbox gets what is kept, also what another sandbox had and what it has by itself in another state', () => {
    const files = [kept('a', { seenIn: BEFORE }), kept('b', { seenIn: undefined }), kept('c', { seenIn: undefined })];
    expect(plan({ kept: files, found: [found('c', 7, 5)] })).toEqual({ put: ['a', 'b', 'c'] });
  });

  it('WF7 what was put and not written down, because the gateway died, is only written down', () => {
    expect(plan({ kept: [kept('a', { seenIn: undefined })], found: [found('a')] })).toEqual({ same: ['a'] });
  });

  it('WF5 WF6 what is new or has another size or time is taken out', () => {
    const files = [kept('a'), kept('b')];
    const there = [found('a', 11), found('b', 10, 1001), found('c')];
    expect(plan({ kept: files, found: there })).toEqual({ take: ['a', 'b', 'c'] });
  });

  it('WF7 what code has removed is dropped, but not where the list is cut', () => {
    expect(plan({ kept: [kept('a')] })).toEqual({ drop: ['a'] });
    expect(plan({ kept: [kept('a')], complete: false })).toEqual({});
  });

  it('WF8 of two that have written it the later one counts', () => {
    const uploaded = kept('a', { seenIn: undefined, mtime: 2000 });
    expect(plan({ kept: [uploaded], found: [found('a', 5, 1999)] })).toEqual({ put: ['a'] });
    expect(plan({ kept: [uploaded], found: [found('a', 5, 2001)] })).toEqual({ take: ['a'] });
  });

  it('WF6 what was kept while it was new is looked at again', () => {
    expect(plan({ kept: [kept('a', { mtime: 0 })], found: [found('a')] })).toEqual({ take: ['a'] });
  });
});

describe('WF2 the bound', () => {
  const bound = { size: 100 * MIB, count: 3 };
  const there = (size: number) => [found('results.csv', size * MIB, 5)];

  it('what does not fit is told with the sizes, and what is smaller still fits', () => {
    const files = [kept('a', { size: 99 * MIB })];
    const all = [found('a', 99 * MIB), ...there(1200), found('z', MIB)];
    expect(plan({ kept: files, found: all, bound })).toEqual({
      take: ['z'],
      problems: { 'results.csv': '1.2 GiB are not kept: 99 MiB of 100 MiB are used' },
    });
  });

  it('a file that has grown too large stays as it was kept', () => {
    const files = [kept('results.csv', { size: 60 * MIB })];
    expect(plan({ kept: files, found: there(101), bound })).toEqual({
      problems: { 'results.csv': '101 MiB are not kept: 60 MiB of 100 MiB are used; what it was before is kept' },
    });
    expect(plan({ kept: files, found: there(100), bound })).toEqual({ take: ['results.csv'] });
  });

  it('what is dropped makes room', () => {
    expect(plan({ kept: [kept('a', { size: 60 * MIB })], found: there(90), bound })).toEqual({
      take: ['results.csv'],
      drop: ['a'],
    });
  });

  it('counts files', () => {
    const all = ['a', 'b', 'c', 'd'].map((path) => found(path, 1));
    expect(plan({ found: all, bound })).toEqual({
      take: ['a', 'b', 'c'],
      problems: { d: '1 B are not kept: 3 of 3 files are kept already' },
    });
  });
});

it('WF3 what has a name that cannot be kept is told', () => {
  const names = ['.hidden', 'a/.git/x', '__pycache__/m.pyc', 'a\nb', '\u202etxt.exe', 'a//b', '../a', 'x'.repeat(256)];
  const { problems } = plan({ found: names.map((path) => found(path, 1)), bound: { size: 100, count: 100 } });
  expect(Object.keys(problems ?? {})).toEqual(names);
});
