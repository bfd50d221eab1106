import { describe, expect, test } from 'vitest';
import { headingsOf, type OutlineCell, outlineOf } from './outline-state.ts';

describe('headings of a text', () => {
  test.each<[string, [number, string][]]>([
    ['# One', [[1, 'One']]],
    ['text\n\n## Two ##\nmore', [[2, 'Two']]],
    [
      'Above\n===\n\nBelow\n---',
      [
        [1, 'Above'],
        [2, 'Below'],
      ],
    ],
    ['```\n# no heading\n```\n# yes', [[1, 'yes']]],
    ['~~~py\n# no\n```\n# no\n~~~\n### yes', [[3, 'yes']]],
    ['#hashtag\n####### seven', []],
    ['- a\n---\n\n---', []],
    [
      '# A [link](x), `code` and **bold** *words* of snake_case_names',
      [[1, 'A link, code and bold words of snake_case_names']],
    ],
    ['#', [[1, '']]],
    [
      '# a\r\n## b\r\n',
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
  ])('WU4: %j', (source, expected) =>
    expect(headingsOf(source).map(({ level, text }) => [level, text])).toEqual(expected),
  );
});

describe('sections', () => {
  const cell = (key: string, level?: number, folded = false): OutlineCell => ({
    key,
    headings: level === undefined ? [] : [{ level, text: key }],
    folded,
  });
  const hidden = (...cells: OutlineCell[]) => [...outlineOf(cells).hidden];

  test('WU4: a folded section hides what stands below it, up to a heading of its level or a higher one', () => {
    expect(hidden(cell('a', 2, true), cell('b'), cell('c', 3), cell('d'), cell('e', 2), cell('f'))).toEqual([
      'b',
      'c',
      'd',
    ]);
    expect(hidden(cell('a', 2, true), cell('b'), cell('c', 1), cell('d'))).toEqual(['b']);
    expect(hidden(cell('a', 1), cell('b', 2, true), cell('c'), cell('d', 2, true), cell('e'))).toEqual(['c', 'e']);
    expect(hidden(cell('a', undefined, true), cell('b'))).toEqual([]);
  });

  test('WU4: a section counts the cells that belong to it', () => {
    const { sections } = outlineOf([cell('x'), cell('a', 1), cell('b'), cell('c', 2), cell('d'), cell('e', 1)]);
    expect([...sections]).toEqual([
      ['a', 3],
      ['c', 1],
      ['e', 0],
    ]);
  });
});
