import { expect, test } from 'vitest';
import { readPerson } from './people.ts';

test('WH17 a colour is the person’s, not the page’s', () => {
  const hues = (name: string) => [1, 2, 77].map((client) => readPerson(client, { user: { name } }).hue);
  expect(new Set(hues('ada')).size).toBe(1);
  expect(new Set(['ada', 'bob', 'eve', 'zoë', 'max', 'ida'].flatMap(hues)).size).toBeGreaterThan(2);
  for (const hue of hues('ada')) expect([0, 1, 2, 3, 4, 5, 6, 7]).toContain(hue);
});

test('what a state lacks or has of another kind is left out', () => {
  for (const state of [null, {}, { user: 3, cursor: 'x', cell: 4 }])
    expect(readPerson(1, state)).toMatchObject({ name: '?', cursor: undefined, cell: undefined });
});
