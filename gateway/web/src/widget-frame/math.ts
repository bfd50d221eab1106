/** Formulas in the frame: as MathML, which browsers show without fonts or styles of KaTeX. */
import katex from 'katex';
import { MATH_OPTIONS } from '../../../src/wire/shown/math-options.ts';
import { mathParts } from '../../../src/wire/shown/math-text.ts';

export function mathElement(tex: string, displayMode: boolean): HTMLElement {
  const place = document.createElement(displayMode ? 'div' : 'span');
  try {
    katex.render(tex, place, { ...MATH_OPTIONS, displayMode, output: 'mathml' });
  } catch {
    place.textContent = tex;
  }
  return place;
}

export function mathFragment(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const part of mathParts(text)) fragment.append(part.math ? mathElement(part.text, part.display) : part.text);
  return fragment;
}

/** Sets the formulas in all texts of the element. */
export function typesetIn(element: HTMLElement): void {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode())
    if (!node.parentElement?.closest('script, style, textarea, pre, code, math')) texts.push(node as Text);
  for (const text of texts)
    if (mathParts(text.data).some(({ math }) => math)) text.replaceWith(mathFragment(text.data));
}
