import { expect, test } from 'vitest';
import { snippet } from './snippet.ts';

test.each([
  ['results.csv', 'pd.read_csv("results.csv")'],
  ['data/Wide.TSV', 'pd.read_csv("data/Wide.TSV", sep="\\t")'],
  ['notes', 'open("notes", "rb")'],
  ['a.constructor', 'open("a.constructor", "rb")'],
  ['it"s.txt', 'open("it\\"s.txt").read()'],
])('WF20 %s is read by %s', (path, code) => {
  expect(snippet(path, 'python')).toBe(code);
});

test('WF20 for other languages it is the path alone', () => {
  expect(snippet('results.csv', 'r')).toBe('"results.csv"');
});
