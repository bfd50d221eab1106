/** What a Markdown file says that can be wrong: its links, the places that a link may lead to, and its code. Pure. */

export interface Link {
  /** As written: an address, or a relative path with an anchor or without. */
  readonly to: string;
  readonly line: number;
}

/** A piece between backticks, or a line of a block of code. */
export interface Code {
  readonly text: string;
  readonly line: number;
}

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;
const SPAN = /`([^`]+)`/g;
const BLOCK = /^(?: {4}|\t)(.*)$/;
const FENCE = /^\s*```/;

export function linksOf(text: string): Link[] {
  return proseOf(text).flatMap(({ text: prose, line }) =>
    [...prose.replaceAll(SPAN, '').matchAll(LINK)].map(([, to = '']) => ({ to, line })),
  );
}

export function codeOf(text: string): Code[] {
  const spans = proseOf(text).flatMap(({ text: prose, line }) =>
    [...prose.matchAll(SPAN)].map(([, code = '']) => ({ text: code, line })),
  );
  return [...spans, ...linesOf(text).flatMap(({ code, line }) => (code === undefined ? [] : [{ text: code, line }]))];
}

/** Anchors of the headings, as GitHub makes them from the words. */
export function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  return proseOf(text).flatMap(({ text: prose }) => {
    const heading = /^#{1,6} +(.*)$/.exec(prose)?.[1];
    if (heading === undefined) return [];
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return [times === 0 ? slug : `${slug}-${times}`];
  });
}

const proseOf = (text: string): Code[] =>
  linesOf(text).flatMap(({ code, text: prose, line }) => (code === undefined ? [{ text: prose, line }] : []));

interface Line {
  readonly text: string;
  readonly code: string | undefined;
  readonly line: number;
}

/** A line of code has `code`; lines that mark where a block begins are neither. */
function linesOf(text: string): Line[] {
  let fenced = false;
  return text.split('\n').flatMap((each, index) => {
    const line = index + 1;
    if (FENCE.test(each)) {
      fenced = !fenced;
      return [];
    }
    return [{ text: each, code: fenced ? each : BLOCK.exec(each)?.[1], line }];
  });
}
