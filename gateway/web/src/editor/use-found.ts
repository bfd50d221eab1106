/** What is looked for, for one cell: the same object until the query or the cell's current match changes. */
import { useMemo } from 'react';
import type { Found } from '../code/found-marks.ts';
import type { FoundSpan } from '../code/static-code.tsx';
import { usePart } from '../shared/value.ts';
import { patternOf, spansOf } from './find-state.ts';
import type { Worksheet } from './worksheet.ts';

export function useFound(worksheet: Worksheet, key: string): Found | undefined {
  const query = usePart(worksheet.find, (find) => find?.query);
  const current = usePart(worksheet.find, (find) => (find?.current?.key === key ? find.current.from : undefined));
  return useMemo(() => {
    const pattern = query === undefined ? undefined : patternOf(query);
    return pattern === undefined ? undefined : { spansOf: (text) => spansOf(text, pattern), current };
  }, [query, current]);
}

const NONE: readonly FoundSpan[] = [];

export const spansIn = (found: Found | undefined, source: string): readonly FoundSpan[] => {
  const spans = found?.spansOf(source) ?? [];
  return spans.length === 0 ? NONE : spans.map((span) => ({ ...span, current: span.from === found?.current }));
};
