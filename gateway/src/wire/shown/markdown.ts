/**
 * Markdown as notebooks write it, as markup: markdown-it with formulas and attachments. What comes out is as hostile as what went in;
 * whoever shows it makes it harmless first, and then fills the places of formulas. Pure.
 */
import MarkdownIt, { type StateInline } from 'markdown-it';

/** Attached files by name: each has its content as base64 by its type. */
export type Attachments = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const reader = new MarkdownIt({ html: true, linkify: true });

interface Rule {
  readonly open: RegExp;
  readonly display: boolean;
}

/** At the place where a formula begins; the formula is what the first group matched. */
const RULES: readonly Rule[] = [
  { open: /\$\$([\s\S]{1,5000}?)\$\$/y, display: true },
  { open: /\\\[([\s\S]{1,5000}?)\\\]/y, display: true },
  { open: /\\\\\[([\s\S]{1,5000}?)\\\\\]/y, display: true },
  { open: /\\\(([\s\S]{1,5000}?)\\\)/y, display: false },
  { open: /\\\\\(([\s\S]{1,5000}?)\\\\\)/y, display: false },
  { open: /(\\begin\{([a-z]+\*?)\}[\s\S]{0,5000}?\\end\{\2\})/y, display: true },
  { open: /\$((?!\s)(?:\\[\s\S]|[^$\\]){1,2000}?(?<!\s))\$(?!\d)/y, display: false },
];

reader.inline.ruler.before('escape', 'math', (state: StateInline, silent: boolean) => {
  const first = state.src[state.pos];
  if (first !== '$' && first !== '\\') return false;
  for (const { open, display } of RULES) {
    open.lastIndex = state.pos;
    const found = open.exec(state.src);
    if (found?.[1] === undefined || found.index + found[0].length > state.posMax) continue;
    if (!silent) {
      const token = state.push('math', '', 0);
      token.content = found[1];
      token.meta = { display };
    }
    state.pos += found[0].length;
    return true;
  }
  return false;
});
reader.renderer.rules['math'] = (tokens, index) => {
  const token = tokens[index];
  const escaped = reader.utils.escapeHtml(token?.content ?? '');
  return `<span class="${token?.meta?.['display'] ? 'math-block' : 'math-inline'}">${escaped}</span>`;
};

/** The places of formulas are `span`s of the classes `math-inline` and `math-block` that hold the formula's text. */
export const markdownMarkup = (text: string, attachments: Attachments = {}): string =>
  withAttachments(reader.render(text), attachments);

/** `src="attachment:NAME"` becomes the picture itself. */
function withAttachments(html: string, attachments: Attachments): string {
  return html.replace(/(<img[^>]*?\ssrc=")attachment:([^"]+)"/g, (whole, before: string, name: string) => {
    const bundle = attachments[decoded(name)] ?? {};
    const type = Object.keys(bundle).find((key) => /^image\/(?:png|jpeg|gif|webp|svg\+xml)$/.test(key));
    const content = type === undefined ? undefined : bundle[type];
    if (typeof content !== 'string') return whole;
    return `${before}data:${type};base64,${content.replace(/[^A-Za-z0-9+/=]/g, '')}"`;
  });
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
