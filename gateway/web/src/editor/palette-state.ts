/** Which commands a search in the palette finds, and in what order: pure. */

export interface Entry {
  readonly name: string;
  readonly text: string;
}

const plain = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** All words have to be in the text, in any order; what begins with the search comes first, then words that begin with it. */
export function foundEntries<E extends Entry>(entries: readonly E[], wanted: string): E[] {
  const words = plain(wanted)
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return [...entries];
  const rank = (text: string): number => {
    if (text.startsWith(words.join(' '))) return 0;
    if (!words.every((word) => ` ${text}`.includes(` ${word}`))) return 3;
    return words.some((word) => text.startsWith(word)) ? 1 : 2;
  };
  return entries
    .map((entry) => ({ entry, text: plain(entry.text) }))
    .filter(({ text }) => words.every((word) => text.includes(word)))
    .sort((a, b) => rank(a.text) - rank(b.text))
    .map(({ entry }) => entry);
}
