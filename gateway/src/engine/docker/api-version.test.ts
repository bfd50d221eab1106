import { expect, it } from 'vitest';
import { chooseApiVersion } from './api-version.ts';

it.each([
  ['1.41', '1.12', '1.41'],
  ['1.43', undefined, '1.43'],
  ['1.51', '1.24', '1.51'],
  ['1.52', '1.44', '1.52'],
  ['1.60', '1.44', '1.52'],
])('an engine of %s down to %s is spoken to in %s', (newest, oldest, chosen) => {
  expect(chooseApiVersion({ newest, oldest })).toBe(chosen);
});

it.each([
  ['1.40', '1.12', 'expected an engine with API 1.41 or newer (Docker 20.10), got one with API 1.40'],
  ['1.9', undefined, 'got one with API 1.9'],
  ['1.70', '1.60', 'one whose oldest is 1.60'],
])('an engine of %s down to %s is refused in words', (newest, oldest, words) => {
  expect(() => chooseApiVersion({ newest, oldest })).toThrow(words);
});
