/** Which of an output's representations is shown, and how: pure. */

export type Shown =
  | { readonly as: 'text'; readonly text: string }
  | { readonly as: 'html'; readonly html: string }
  /** Runs in the sandboxed frame. */
  | { readonly as: 'frame'; readonly html: string }
  | { readonly as: 'markdown' | 'latex'; readonly text: string }
  /** `source` is a data URL; sizes are CSS pixels. */
  | {
      readonly as: 'image';
      readonly source: string;
      readonly alt: string | undefined;
      readonly width: number | undefined;
      readonly height: number | undefined;
    }
  | { readonly as: 'tooMuch' }
  | { readonly as: 'unknown'; readonly types: readonly string[] };

const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
/** Characters of markup that are parsed; more would make the page unusable before it is of use. */
const MOST_MARKUP = 5_000_000;

/** Notebooks keep long texts as lists of lines. */
export function joined(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return Array.isArray(value) && value.every((line) => typeof line === 'string') ? value.join('') : undefined;
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

export function chooseShown(data: unknown, metadata: unknown): Shown {
  const bundle = record(data);
  const text = (type: string) => joined(bundle[type]);
  const script = text('application/javascript');
  const html = text('text/html');
  if (html !== undefined) return markup(html);
  if (script !== undefined) return markup(`<div></div><script>${script.replace(/<\/script/gi, '<\\/script')}</script>`);
  const markdown = text('text/markdown');
  if (markdown !== undefined)
    return markdown.length > MOST_MARKUP ? { as: 'tooMuch' } : { as: 'markdown', text: markdown };
  const svg = text('image/svg+xml');
  if (svg !== undefined) return picture(`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`, bundle, {});
  for (const type of IMAGES) {
    const content = text(type);
    if (content === undefined) continue;
    return picture(
      `data:${type};base64,${content.replace(/[^A-Za-z0-9+/=]/g, '')}`,
      bundle,
      record(record(metadata)[type]),
    );
  }
  const latex = text('text/latex');
  if (latex !== undefined) return { as: 'latex', text: latex };
  if (bundle['application/json'] !== undefined)
    return { as: 'text', text: JSON.stringify(bundle['application/json'], undefined, 2) };
  const plain = text('text/plain');
  return plain === undefined ? { as: 'unknown', types: Object.keys(bundle).slice(0, 5) } : { as: 'text', text: plain };
}

function markup(html: string): Shown {
  if (html.length > MOST_MARKUP) return { as: 'tooMuch' };
  return needsFrame(html) ? { as: 'frame', html } : { as: 'html', html };
}

const STYLE = '<style scoped>';
const STYLE_END = '</style>';

/** The style that pandas puts in front of every table is not worth a frame; the page has its own. Reads the markup once. */
function withoutPandasStyle(html: string): string {
  for (let at = html.indexOf(STYLE); at >= 0; ) {
    const end = html.indexOf('<', at + STYLE.length);
    if (end < 0) return html;
    if (html.startsWith(STYLE_END, end) && html.slice(at, end).includes('.dataframe'))
      return html.slice(0, at) + html.slice(end + STYLE_END.length);
    at = html.indexOf(STYLE, end);
  }
  return html;
}

/** Scripts, and styles beyond single attributes, work only where they cannot reach the page. */
export const needsFrame = (html: string): boolean =>
  /<(?:script|style|iframe|object|embed|link|video|audio|canvas|input|button|select)[\s/>]/i.test(
    withoutPandasStyle(html),
  );

function picture(source: string, bundle: Record<string, unknown>, metadata: Record<string, unknown>): Shown {
  const pixels = (value: unknown) => {
    const number = Number(value);
    return Number.isFinite(number) && number > 0 && number < 20_000 ? number : undefined;
  };
  const alt = joined(bundle['text/plain'])?.slice(0, 300);
  return { as: 'image', source, alt, width: pixels(metadata['width']), height: pixels(metadata['height']) };
}
