/** Pictures attached to text cells, as nbformat has them: pure. */

/** Bytes. The document is shared, stored and sent whole to everybody who opens it. */
export const LARGEST_PICTURE = 5 * 2 ** 20;
export const LARGEST_TOGETHER = 20 * 2 ** 20;

/** By name, then by type: base64. */
export type Attachments = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const ENDINGS: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'image/svg+xml': 'svg',
};

export const isPicture = (type: string): boolean => Object.hasOwn(ENDINGS, type);

/** A name that no attachment of the cell has, and that needs no quoting in Markdown. */
export function freeName(wanted: string, type: string, attachments: Attachments): string {
  const stem = wanted
    .replace(/\.[^.]*$/, '')
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}_-]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
  const name = stem === '' ? 'image' : stem;
  for (let number = 1; ; number++) {
    const full = `${name}${number === 1 ? '' : `-${number}`}.${ENDINGS[type] ?? 'bin'}`;
    if (!Object.hasOwn(attachments, full)) return full;
  }
}

/** Bytes of all of them; a base64 digit is six bits. */
export const sizeTogether = (attachments: Attachments): number =>
  Object.values(attachments)
    .flatMap((bundle) => Object.values(bundle))
    .reduce<number>((sum, content) => sum + (typeof content === 'string' ? content.length * 0.75 : 0), 0);
