/** The text of a PDF as Chromium writes it: page by page, in the order in which it is drawn, glyphs read back by their fonts' maps. */
import { inflateSync } from 'node:zlib';

/** Characters by glyph. */
type Font = ReadonlyMap<number, string>;

export function pdfText(pdf: Buffer): string[] {
  const objects = objectsOf(pdf);
  const fonts = new Map<string, Font>();
  const fontAt = (id: string): Font => {
    const known = fonts.get(id);
    if (known !== undefined) return known;
    const map = /\/ToUnicode (\d+) 0 R/.exec(objects.get(id)?.head ?? '')?.[1];
    const font = map === undefined ? new Map<number, string>() : glyphsOf(objects.get(map)?.stream ?? '');
    fonts.set(id, font);
    return font;
  };
  return [...objects.values()]
    .filter(({ head }) => /\/Type \/Page\b(?!s)/.test(head))
    .map(({ head }) => {
      const named = new Map(
        [...head.matchAll(/\/(F\d+) (\d+) 0 R/g)].map(([, name = '', id = '']) => [name, fontAt(id)]),
      );
      return drawn(objects.get(/\/Contents (\d+) 0 R/.exec(head)?.[1] ?? '')?.stream ?? '', named);
    });
}

interface PdfObject {
  readonly head: string;
  readonly stream: string;
}

function objectsOf(pdf: Buffer): Map<string, PdfObject> {
  const text = pdf.toString('latin1');
  const found = new Map<string, PdfObject>();
  for (const match of text.matchAll(/(\d+) 0 obj\n([\s\S]*?)(?:>> stream\n|endobj)/g)) {
    const [whole, id = '', head = ''] = match;
    const length = Number(/\/Length (\d+)/.exec(head)?.[1] ?? 0);
    const begin = match.index + whole.length;
    const bytes = pdf.subarray(begin, begin + length);
    const isText = whole.endsWith('stream\n') && !/\/Subtype \/Image|\/Length1|\/ICCBased/.test(head);
    found.set(id, { head, stream: isText ? inflated(head, bytes) : '' });
  }
  return found;
}

function inflated(head: string, bytes: Buffer): string {
  if (!head.includes('/FlateDecode')) return bytes.toString('latin1');
  try {
    return inflateSync(bytes).toString('latin1');
  } catch {
    return '';
  }
}

const characters = (hex: string): string => Buffer.from(hex, 'hex').swap16().toString('utf16le');

function glyphsOf(map: string): Font {
  const font = new Map<number, string>();
  for (const [, block = ''] of map.matchAll(/beginbfchar\n([\s\S]*?)endbfchar/g))
    for (const [, glyph = '', to = ''] of block.matchAll(/<(\w+)> <(\w+)>/g))
      font.set(Number.parseInt(glyph, 16), characters(to));
  for (const [, block = ''] of map.matchAll(/beginbfrange\n([\s\S]*?)endbfrange/g))
    for (const [, from = '', to = '', first = ''] of block.matchAll(/<(\w+)> <(\w+)> <(\w+)>/g))
      for (let glyph = Number.parseInt(from, 16), at = 0; glyph <= Number.parseInt(to, 16); glyph++, at++)
        font.set(glyph, String.fromCodePoint((characters(first).codePointAt(0) ?? 32) + at));
  return font;
}

/** Each piece of text begins a line of its own, whatever its place. */
function drawn(content: string, fonts: ReadonlyMap<string, Font>): string {
  let font: Font = new Map();
  let text = '';
  for (const [whole, name, hex] of content.matchAll(
    /\/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)>(?=[^<>]*T[jJ]|[^T]*?\] ?TJ)|\bBT\b/g,
  )) {
    if (name !== undefined) font = fonts.get(name) ?? new Map();
    else if (whole === 'BT') text += '\n';
    else for (const [glyph] of (hex ?? '').matchAll(/.{4}/g)) text += font.get(Number.parseInt(glyph, 16)) ?? '\uFFFD';
  }
  return text;
}
