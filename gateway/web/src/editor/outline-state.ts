/** The headings of text cells, and what folded sections hide: pure. */

export interface Heading {
  /** 1 to 6. */
  readonly level: number;
  readonly text: string;
}

export interface OutlineCell {
  readonly key: string;
  /** Empty for cells that are no text. */
  readonly headings: readonly Heading[];
  readonly folded: boolean;
}

export interface OutlineState {
  /** By cell, in the order of the page, cells without headings left out. */
  readonly cells: readonly OutlineCell[];
  /** Keys of cells that folded sections hide. */
  readonly hidden: ReadonlySet<string>;
  /** How many cells belong to the section that a cell begins, by its key. */
  readonly sections: ReadonlyMap<string, number>;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const ATX = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
const SETEXT = /^ {0,3}(=+|-{2,})[ \t]*$/;

/** Headings of a Markdown text, without those in fenced code. */
export function headingsOf(source: string): Heading[] {
  const found: Heading[] = [];
  let fence = '';
  let before = '';
  for (const line of source.split(/\r?\n/)) {
    const opened = FENCE.exec(line)?.[1] ?? '';
    if (fence !== '') {
      if (opened.startsWith(fence) && line.trim() === opened) fence = '';
      continue;
    }
    if (opened !== '') {
      fence = opened;
      before = '';
      continue;
    }
    const atx = ATX.exec(line);
    const setext = before.trim() !== '' ? SETEXT.exec(line)?.[1] : undefined;
    if (atx !== null) found.push({ level: atx[1]?.length ?? 1, text: plain(atx[2] ?? '') });
    else if (setext !== undefined) found.push({ level: setext.startsWith('=') ? 1 : 2, text: plain(before) });
    before = atx === null && setext === undefined && !/^ {0,3}(?:>|[-*+] |\d+[.)] |\|)|^ {4}/.test(line) ? line : '';
  }
  return found;
}

/** What a person reads of a line of Markdown. */
const plain = (text: string): string =>
  text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/<[^>]{1,200}>/g, '')
    .replace(/(\*\*|__|~~|`)(.+?)\1/g, '$2')
    .replace(/(^|[\s(])([*_])(\S(?:.*?\S)?)\2(?=[\s).,;:!?]|$)/g, '$1$3')
    .replace(/\\([\\`*_{}[\]()#+\-.!$])/g, '$1')
    .trim();

/** The level of the section that a cell begins: that of its highest heading; undefined without one. */
export const levelOf = (headings: readonly Heading[]): number | undefined =>
  headings.length === 0 ? undefined : Math.min(...headings.map(({ level }) => level));

export function outlineOf(cells: readonly OutlineCell[]): OutlineState {
  const hidden = new Set<string>();
  const sections = new Map<string, number>();
  /** Open sections, the innermost last. */
  const open: { key: string; level: number; folded: boolean }[] = [];
  for (const cell of cells) {
    const level = levelOf(cell.headings);
    while (level !== undefined && (open.at(-1)?.level ?? 0) >= level) open.pop();
    for (const { key } of open) sections.set(key, (sections.get(key) ?? 0) + 1);
    if (open.some(({ folded }) => folded)) hidden.add(cell.key);
    if (level === undefined) continue;
    sections.set(cell.key, 0);
    open.push({ key: cell.key, level, folded: cell.folded });
  }
  return { cells: cells.filter(({ headings }) => headings.length > 0), hidden, sections };
}
