/** Finding and replacing in the open worksheet: what the panel and the keys do. */
import { replaceSpans } from '../document/edits.ts';
import { sourceOf, textOf } from '../document/schema.ts';
import { emptyQuery, type Find, patternOf, type Query, replacementOf, type Span, spansOf } from './find-state.ts';
import type { PageCell } from './page-cell.ts';
import type { Worksheet } from './worksheet.ts';

export interface Match extends Span {
  readonly key: string;
}

/** Opens the panel with what is marked in the editor, or with what was looked for last. */
export function openFind(worksheet: Worksheet, replacing: boolean): void {
  const before = worksheet.find.get() ?? worksheet.lastFind;
  const marked = worksheet.writing?.marked() ?? '';
  const query = { ...emptyQuery, ...before?.query };
  const text = marked !== '' && !marked.includes('\n') ? marked : query.text;
  worksheet.find.set({
    query: { ...query, text, ...(text === query.text ? {} : { regexp: false }) },
    replacing: replacing || before?.replacing === true,
    focus: (before?.focus ?? 0) + 1,
    current: undefined,
  });
}

/** Closes it; the cursor goes to the match that was gone to last. */
export function closeFind(worksheet: Worksheet): void {
  const found = worksheet.find.get();
  worksheet.lastFind = found;
  worksheet.find.set(undefined);
  const current = found?.current;
  if (current !== undefined)
    worksheet.choose(current.key, { mode: 'edit', caret: { from: current.from, to: current.to } });
  else worksheet.choose(worksheet.selection.get().active);
}

/** All matches, in the order of the page. */
export function allMatches(cells: readonly PageCell[], query: Query): Match[] {
  const pattern = patternOf(query);
  if (pattern === undefined) return [];
  return cells.flatMap(({ key, cell }) => spansOf(sourceOf(cell), pattern).map((span) => ({ key, ...span })));
}

/** The place of the current match among them; -1 without one. */
export const placeOf = (matches: readonly Match[], current: Find['current']): number =>
  matches.findIndex(({ key, from }) => key === current?.key && from === current.from);

/** To the next match behind the current one, or behind the chosen cell's beginning; round at the ends. */
export function findStep(worksheet: Worksheet, by: -1 | 1): void {
  const find = worksheet.find.get();
  if (find === undefined) openFind(worksheet, false);
  const matches = allMatches(worksheet.cells.get(), worksheet.find.get()?.query ?? emptyQuery);
  goToMatch(worksheet, matches, nextPlace(worksheet, matches, by));
}

function nextPlace(worksheet: Worksheet, matches: readonly Match[], by: -1 | 1): number {
  const keys = worksheet.cells.get().map(({ key }) => key);
  const current = worksheet.find.get()?.current;
  const at = current === undefined ? Math.max(worksheet.activePosition, 0) : keys.indexOf(current.key);
  /** With a current match the way goes on from there, else from the beginning of the chosen cell. */
  const isBehind = ({ key, from }: Match) => {
    const other = keys.indexOf(key);
    return other !== at ? other > at : current === undefined || from > current.from;
  };
  const next = matches.findIndex(isBehind);
  if (by === 1) return next === -1 ? 0 : next;
  const here = placeOf(matches, current);
  const before = (here !== -1 ? here : next === -1 ? matches.length : next) - 1;
  return before < 0 ? matches.length - 1 : before;
}

/** Shows the match, without taking the focus from the panel. */
export function goToMatch(worksheet: Worksheet, matches: readonly Match[], place: number): void {
  const find = worksheet.find.get();
  const match = matches[place];
  if (find === undefined || match === undefined) return;
  worksheet.reveal(match.key);
  worksheet.choose(match.key, { focus: false });
  worksheet.find.set({ ...find, current: match });
}

/** Replaces the current match and goes on to the next one; without a current match it goes to one. */
export function replaceCurrent(worksheet: Worksheet, by: string): void {
  const find = worksheet.find.get();
  if (find === undefined || !worksheet.may('edit')) return;
  const { query, current } = find;
  const cell = worksheet.cells.get().find(({ key }) => key === current?.key)?.cell;
  const source = cell === undefined ? '' : sourceOf(cell);
  const span = spansOf(source, patternOf(query)).find(({ from }) => from === current?.from);
  const text = cell === undefined ? undefined : textOf(cell);
  if (current === undefined || span === undefined || text === undefined) {
    findStep(worksheet, 1);
    return;
  }
  const written = replacementOf(source, span, query, by);
  replaceSpans(worksheet.doc, [{ text, spans: [{ ...span, by: written }] }]);
  /** What was written is not looked at again. */
  worksheet.find.set({
    ...find,
    current: { ...current, from: span.from + written.length - 1, to: span.from + written.length },
  });
  findStep(worksheet, 1);
}

/** Replaces every match as one step of undo. Answers how many there were. */
export function replaceAll(worksheet: Worksheet, by: string): number {
  const find = worksheet.find.get();
  if (find === undefined || !worksheet.may('edit')) return 0;
  const pattern = patternOf(find.query);
  let count = 0;
  const all = worksheet.cells.get().flatMap(({ cell }) => {
    const source = sourceOf(cell);
    const text = textOf(cell);
    const spans = spansOf(source, pattern).map((span) => ({
      ...span,
      by: replacementOf(source, span, find.query, by),
    }));
    count += spans.length;
    return text === undefined || spans.length === 0 ? [] : [{ text, spans }];
  });
  replaceSpans(worksheet.doc, all);
  worksheet.find.set({ ...find, current: undefined });
  return count;
}
