/** Markup, Markdown and LaTeX of notebooks as markup that is harmless in the file. */
import { type Attachments, markdownMarkup } from '../../../wire/shown/markdown.ts';
import { mathParts } from '../../../wire/shown/math-text.ts';
import { colouredCode } from './code.ts';
import { escaped, unescaped } from './escape.ts';
import type { Page } from './page.ts';
import { sanitised } from './sanitise.ts';

/** Formulas and code are filled in afterwards: what stands in their places then is text that the sanitiser has written. */
const FORMULA = /<span class="math-(inline|block)">([^<]*)<\/span>/g;
const BLOCK = /<pre><code class="language-([\w+-]{1,20})">([^<]*)<\/code><\/pre>/g;

export function markdownOf(text: string, page: Page, attachments?: Attachments): string {
  return sanitised(markdownMarkup(text, attachments))
    .replace(FORMULA, (_, kind: string, tex: string) => formula(unescaped(tex), kind === 'block', page))
    .replace(BLOCK, (_, language: string, source: string) => {
      const code = colouredCode(language.toLowerCase()).markup(unescaped(source));
      return `<pre tabindex="0"><code>${code}</code></pre>`;
    });
}

/** Some kernels send the formula alone. */
export function latexOf(text: string, page: Page): string {
  const parts = mathParts(text);
  const all = parts.some(({ math }) => math) ? parts : [{ math: true, display: true, text }];
  return all.map((part) => (part.math ? formula(part.text, part.display, page) : escaped(part.text))).join('');
}

const formula = (tex: string, display: boolean, { formulas }: Page): string =>
  `<span class="math-${display ? 'block' : 'inline'}">${formulas.markup(tex, display)}</span>`;
