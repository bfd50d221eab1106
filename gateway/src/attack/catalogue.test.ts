import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attacks } from './catalogue.ts';
import { freeUids } from './grounds.ts';
import { attackSource, newMarks, wordsOf } from './source.ts';

const CLASSES = ['T1', 'T2', 'T3', 'T4', 'T5', 'T6', 'T7', 'T8', 'T9', 'T10', 'T11', 'T12'];

test('AK4 every program stands in the catalogue once, in every class of threats, at least 60 of them', () => {
  const files = readdirSync(join(import.meta.dirname, 'programs')).filter((name) => /^[a-z].*\.py$/.test(name));
  expect(attacks.map(({ name }) => `${name}.py`).sort()).toEqual(files.sort());
  expect(attacks.length).toBeGreaterThanOrEqual(60);
  expect([...new Set(attacks.map(({ threat }) => threat))]).toEqual(CLASSES);
});

test.each(attacks.map(({ name }) => name))('AK4 %s says what it tries and what counts as contained', (name) => {
  const { tries, contained } = wordsOf(name);
  expect(tries).toMatch(/^[A-Z].{20,}[.]$/s);
  expect(contained).toMatch(/^\S.{3,}[.]$/);
});

test('an attack never finds its own source', () => {
  const marks = newMarks();
  const source = attackSource('neighbour_files', marks, {
    ...{ memoryMib: 512, cpus: 1, pids: 128 },
    openFiles: 1024,
    inodes: 8192,
    outputBytes: 1,
  });
  expect(source).not.toContain(marks.mark);
  expect(source).not.toContain(marks.forgery);
});

test('AK5 no user id is taken that a live sandbox has', () => {
  const range = { strategy: 'site', first: 1000, count: 640 } as const;
  expect(freeUids(range, new Set())).toBe(1576);
  expect(freeUids(range, new Set([1600]))).toBe(1512);
  expect(freeUids(range, new Set(Array.from({ length: 640 }, (_, at) => 1000 + at)))).toBe(1000);
});
