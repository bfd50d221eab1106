/** Messages of the server in another language than English. */
import { expect, it } from 'vitest';
import { named, toldOf } from '../../../src/wire/told.ts';
import { TOLD, TOLD_WORDS } from '../../../src/wire/told-texts.ts';
import { textOf } from './told.ts';
import { de } from './told-de.ts';

it('WL2 every text is there in German, with the same values', () => {
  const values = (text: string) => [...new Set(text.match(/\{:?\w+\}/g)?.map((place) => place.replace(':', '')))];
  const texts = { ...TOLD, ...TOLD_WORDS };
  expect(Object.keys(de).toSorted()).toEqual(Object.keys(texts).toSorted());
  const strange = Object.entries(texts).filter(([name, text]) =>
    values(de[name as keyof typeof de]).some((value) => !values(text).includes(value)),
  );
  expect(strange).toEqual([]);
});

it('WL3 words within a message have their names too', () => {
  const message =
    'out of memory: the sandbox reached its limit of 2 GiB (policy standard), the highest use was 1.9 GiB; variables are lost, the kernel is restarting';
  expect(textOf(toldOf(message), de)).toBe(
    'Der Speicher war voll: Die Sandbox erreichte ihre Grenze von 2 GiB (Richtlinie standard), der höchste Verbrauch war 1.9 GiB; Variablen sind verloren, der Kernel startet neu',
  );
  expect(textOf(toldOf('this file cannot be kept: its name is too long'), de)).toBe(
    'Diese Datei kann nicht aufbewahrt werden: Der Name ist zu lang',
  );
  expect(
    textOf(toldOf('the sandbox was ended: it was idle for 8 h, the limit of policy a; variables are gone'), de),
  ).toBe(
    'Die Sandbox wurde beendet: Sie hat 8 h nichts gerechnet; das ist die Grenze der Richtlinie a; Variablen sind verloren',
  );
});

it('WL4 what has no name stays as it is, also where a page knows fewer names than the server', () => {
  expect(named('a message of a later version')).toEqual({});
  expect(named('')).toEqual({});
  expect(named(`${'x'.repeat(100_000)}; what it was before is kept`)).toEqual({});
  expect(textOf(undefined, de)).toBeUndefined();
  expect(textOf({ name: 'noSuchFile' }, {})).toBeUndefined();
  expect(textOf({ name: 'constructor' as 'noSuchFile' }, de)).toBeUndefined();
});
