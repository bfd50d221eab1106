import { expect, test } from 'vitest';
import type { VersionId } from '../../base/ids.ts';
import type { VersionKind } from '../../store/versions.ts';
import { MOST_UNNAMED, spare, thin } from './thinning-plan.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Noon of a day, so that hours and days are whole. */
const now = Date.UTC(2026, 5, 1, 12);

const version = (age: number, kind: VersionKind = 'automatic', name: string | null = null) => ({
  id: `${kind} ${age / MINUTE}` as VersionId,
  at: now - age,
  kind,
  name,
});
const every = (step: number, until: number) =>
  Array.from({ length: Math.floor(until / step) }, (_, index) => version(index * step));

test('WV5 all of the last hour stay, then one of an hour, after a day one of a day, after 31 days one of a week', () => {
  const all = every(10 * MINUTE, 100 * DAY);
  const gone = new Set(thin(all, now));
  const ages = all.filter((one) => !gone.has(one)).map(({ at }) => now - at);
  const between = (from: number, to: number) => ages.filter((age) => age >= from && age < to);
  expect(between(0, HOUR)).toHaveLength(6);
  expect(between(HOUR, DAY).length).toBeGreaterThanOrEqual(23);
  expect(between(HOUR, DAY).length).toBeLessThanOrEqual(24);
  expect(between(DAY, 31 * DAY).length).toBeGreaterThanOrEqual(30);
  expect(between(DAY, 31 * DAY).length).toBeLessThanOrEqual(31);
  expect(between(31 * DAY, 100 * DAY).length).toBeGreaterThanOrEqual(9);
  expect(between(31 * DAY, 100 * DAY).length).toBeLessThanOrEqual(11);
});

test('WV5 thinned once more, nothing goes that would have stayed; with time ever fewer are left', () => {
  const all = every(10 * MINUTE, 40 * DAY);
  const left = (versions: typeof all, at: number) => {
    const gone = new Set(thin(versions, at));
    return versions.filter((one) => !gone.has(one));
  };
  const once = left(all, now);
  expect(thin(once, now)).toEqual([]);
  const later = left(once, now + 40 * DAY);
  expect(later.length).toBeLessThan(12);
  expect(later[0]).toBe(all[0]);
});

test('WV6 what has a name, what was kept before a restore and what was brought in stay whatever their age', () => {
  const old = 400 * DAY;
  const all = [
    version(0),
    version(old, 'automatic', 'The exam'),
    version(old + 1, 'before-restore'),
    version(old + 2, 'named', 'First'),
    version(old + 3),
    version(old + 4, 'imported'),
    version(old + 5),
  ];
  expect(thin(all, now).map(({ id }) => id)).toEqual([all[6]?.id]);
});

test('WV6 beyond their number automatic ones go first, then those before a restore, then what was brought in; never the newest', () => {
  const kinds: VersionKind[] = ['before-restore', 'imported', 'automatic'];
  const few = Array.from({ length: 9 }, (_, index) => version(index * MINUTE, kinds[index % 3]));
  expect(spare(few).map(({ kind }) => kind)).toEqual([
    ...['automatic', 'automatic', 'automatic'],
    ...['before-restore', 'before-restore', 'imported', 'imported', 'imported'],
  ]);
  expect(spare(few)).not.toContain(few[0]);
  const many = Array.from({ length: MOST_UNNAMED + 5 }, (_, index) => version(index, 'before-restore'));
  expect(thin(many, now)).toEqual(many.slice(-5).reverse());
});
