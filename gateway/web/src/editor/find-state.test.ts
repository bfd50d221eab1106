import { describe, expect, test } from 'vitest';
import { emptyQuery, patternOf, type Query, replacementOf, spansOf } from './find-state.ts';

const query = (text: string, more: Partial<Query> = {}): Query => ({ ...emptyQuery, text, ...more });
const found = (source: string, wanted: Query) =>
  spansOf(source, patternOf(wanted)).map(({ from, to }) => source.slice(from, to));
const replaced = (source: string, wanted: Query, by: string) => {
  const spans = spansOf(source, patternOf(wanted));
  return spans
    .toReversed()
    .reduce(
      (text, span) => text.slice(0, span.from) + replacementOf(source, span, wanted, by) + text.slice(span.to),
      source,
    );
};

describe('finding', () => {
  test.each<[string, Query, string[]]>([
    ['a.b A.B axb', query('a.b'), ['a.b', 'A.B']],
    ['a.b A.B', query('a.b', { caseSensitive: true }), ['a.b']],
    ['cat concat cat_', query('cat', { wholeWord: true }), ['cat']],
    ['größe größer', query('größe', { wholeWord: true }), ['größe']],
    ['x1 x22', query('x\\d+', { regexp: true }), ['x1', 'x22']],
    ['a\nb', query('^b$', { regexp: true }), ['b']],
    ['aaa', query('a*?', { regexp: true }), []],
    ['a(b', query('('), ['(']],
    ['a-b/c', query('-b/'), ['-b/']],
    ['😀x', query('x'), ['x']],
    ['anything', query(''), []],
  ])('WU5: in %j', (source, wanted, expected) => expect(found(source, wanted)).toEqual(expected));

  test('WU5: what is no regular expression finds nothing', () => {
    expect(patternOf(query('(', { regexp: true }))).toBeUndefined();
  });
});

describe('replacing', () => {
  test('WU5: a plain replacement is taken as it stands', () => {
    expect(replaced('1 1', query('1'), '$&\\n')).toBe('$&\\n $&\\n');
  });

  test.each([
    ['f(a), f(b)', 'f\\((\\w)\\)', 'g[$1]', 'g[a], g[b]'],
    ['ab', '(?<x>a)(b)', '$2$<x>$$$&', 'ba$ab'],
    ['a,b', ',', '\\n', 'a\nb'],
    ['a', '(a)|(b)', '[$2$3]', '[$3]'],
    ['price: 5', '(?<=: )\\d', '6', 'price: 6'],
  ])('WU5: %j by /%s/ with %j', (source, pattern, by, expected) =>
    expect(replaced(source, query(pattern, { regexp: true }), by)).toBe(expected),
  );
});
