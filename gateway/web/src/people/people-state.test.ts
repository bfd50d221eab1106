import { expect, test } from 'vitest';
import type { PersonModel } from '../shared/account-api.ts';
import { shownPeople } from './people-state.ts';

const person = (name: string): PersonModel => ({
  id: name,
  name,
  role: 'member',
  state: 'active',
  created_at: '2026-01-02T03:04:05.678Z',
  signed_in_at: null,
  link_ends_at: null,
});

test('people are found by parts of their names, without accents and case, and stand in the order of their names', () => {
  const all = ['s10', 's9', 'Zoë', 'ada.müller', 'Åsa'].map(person);
  const names = (wanted: string) => shownPeople(all, wanted).map(({ name }) => name);
  expect(names('')).toEqual(['ada.müller', 'Åsa', 's9', 's10', 'Zoë']);
  expect(names(' MULLER ada ')).toEqual(['ada.müller']);
  expect(names('zoe')).toEqual(['Zoë']);
  expect(names('nobody')).toEqual([]);
});
