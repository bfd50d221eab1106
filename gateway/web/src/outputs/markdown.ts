/** Markdown as elements: markdown-it makes markup, DOMPurify makes it harmless, KaTeX fills the places of formulas. */
import { type Attachments, markdownMarkup } from '../../../src/wire/shown/markdown.ts';
import { paintMath } from './math.ts';
import { sanitise } from './sanitise.ts';

/** Puts the text into the element, in place of what is there. */
export function paintMarkdown(element: HTMLElement, text: string, attachments: Attachments = {}): void {
  const fragment = sanitise(markdownMarkup(text, attachments));
  for (const place of fragment.querySelectorAll<HTMLElement>('.math-inline, .math-block'))
    paintMath(place, place.textContent ?? '', place.classList.contains('math-block'));
  element.replaceChildren(fragment);
}
