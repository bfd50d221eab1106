/** Finding and replacing in the texts of cells: pure. Positions are UTF-16 units. */

export interface Query {
  readonly text: string;
  readonly caseSensitive: boolean;
  readonly wholeWord: boolean;
  readonly regexp: boolean;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What the find panel holds. */
export interface Find {
  readonly query: Query;
  readonly replacing: boolean;
  /** Counts wishes for the focus in the panel. */
  readonly focus: number;
  /** The match that was gone to last: the cell's key and its place in the text. */
  readonly current: (Span & { readonly key: string }) | undefined;
}

export const emptyQuery: Query = { text: '', caseSensitive: false, wholeWord: false, regexp: false };

/** Matches that are kept of one cell; a page of marks is of no use to anybody. */
const MOST = 5000;

/** What the query looks for; undefined where there is nothing to look for, and where it is no regular expression. */
export function patternOf({ text, caseSensitive, wholeWord, regexp }: Query): RegExp | undefined {
  if (text === '') return undefined;
  const source = regexp ? text : text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const word = wholeWord ? `(?<![\\p{L}\\p{N}_])(?:${source})(?![\\p{L}\\p{N}_])` : source;
  try {
    return new RegExp(word, caseSensitive ? 'gmu' : 'gimu');
  } catch {
    return undefined;
  }
}

/** Matches of no length are none. */
export function spansOf(source: string, pattern: RegExp | undefined): Span[] {
  if (pattern === undefined) return [];
  const found: Span[] = [];
  for (const match of source.matchAll(pattern)) {
    if (match[0] !== '') found.push({ from: match.index, to: match.index + match[0].length });
    if (found.length >= MOST) break;
  }
  return found;
}

/**
 * What stands in place of a match. In regular expressions `$1`, `$<name>` and `$&` are what they matched and `$$` is a dollar, as in
 * JavaScript; `\n` and `\t` are a line break and a tab.
 */
export function replacementOf(source: string, span: Span, query: Query, by: string): string {
  const pattern = patternOf(query);
  if (!query.regexp || pattern === undefined) return by;
  pattern.lastIndex = span.from;
  const match = pattern.exec(source);
  if (match?.index !== span.from) return by;
  return by.replace(/\\([nt\\])|\$(?:([$&])|(\d{1,2})|<([^>]*)>)/g, (whole, letter, sign, digits, name) => {
    if (letter !== undefined) return { n: '\n', t: '\t' }[letter as string] ?? '\\';
    if (sign !== undefined) return sign === '$' ? '$' : match[0];
    if (digits !== undefined) return Number(digits) < match.length ? (match[Number(digits)] ?? '') : whole;
    return match.groups === undefined ? whole : (match.groups[name] ?? '');
  });
}
