/** The difference of two texts, as a person reads it: lines, and in lines that have changed the words: pure. */
import { diffLines, diffWordsWithSpace } from 'diff';

export interface Word {
  readonly text: string;
  /** Whether the other side does not have it. */
  readonly marked: boolean;
}

export type Line =
  | { readonly mark: 'same' | 'added' | 'removed'; readonly words: readonly Word[] }
  /** Lines that are the same and are left out. */
  | { readonly mark: 'gap'; readonly count: number };

/** Lines that are the same and shown beside those that are not. */
const AROUND = 2;
/** Steps of the search; texts with more differences are shown as replaced. */
const MOST_STEPS = 2000;

export function textDiff(before: string, after: string): Line[] {
  const changes = diffLines(ended(before), ended(after), { maxEditLength: MOST_STEPS }) ?? [
    { value: ended(before), removed: true, added: false },
    { value: ended(after), removed: false, added: true },
  ];
  const lines: Line[] = [];
  for (let at = 0; at < changes.length; at += 1) {
    const [change, next] = [changes[at], changes[at + 1]];
    if (change === undefined || change.value === '') continue;
    if (change.removed && next?.added) {
      lines.push(...changed(change.value, next.value));
      at += 1;
    } else lines.push(...plain(change.value, change.added ? 'added' : change.removed ? 'removed' : 'same'));
  }
  return folded(lines);
}

/** A last line without its end would differ from the same line with one. */
const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

const linesOf = (text: string): string[] => text.replace(/\n$/, '').split('\n');

const plain = (text: string, mark: 'same' | 'added' | 'removed'): Line[] =>
  linesOf(text).map((line) => ({ mark, words: [{ text: line, marked: false }] }));

function changed(before: string, after: string): Line[] {
  const words = diffWordsWithSpace(before, after, { maxEditLength: MOST_STEPS });
  if (words === undefined || !words.some(({ added, removed, value }) => !added && !removed && /\S/.test(value)))
    return [...plain(before, 'removed'), ...plain(after, 'added')];
  const side = (mark: 'added' | 'removed'): Line[] => {
    const other = mark === 'added' ? 'removed' : 'added';
    const lines: Word[][] = [[]];
    for (const word of words) {
      if (word[other]) continue;
      for (const [index, text] of word.value.split('\n').entries()) {
        if (index > 0) lines.push([]);
        if (text !== '') lines.at(-1)?.push({ text, marked: word[mark] });
      }
    }
    /** The text ends with a line's end. */
    if (lines.at(-1)?.length === 0) lines.pop();
    return lines.map((line) => ({ mark, words: line }));
  };
  return [...side('removed'), ...side('added')];
}

/** Leaves out what is the same and far from what is not; a gap of one line would save nothing. */
function folded(lines: readonly Line[]): Line[] {
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - AROUND), index + AROUND + 1).some(({ mark }) => mark !== 'same'),
  );
  const out: Line[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at];
    if (line === undefined) continue;
    let end = at;
    while (end < lines.length && near[end] === false) end += 1;
    if (end - at > 1) {
      out.push({ mark: 'gap', count: end - at });
      at = end - 1;
    } else out.push(line);
  }
  return out;
}
