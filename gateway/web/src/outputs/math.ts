/** Formulas by KaTeX, which is loaded with the first one. It makes elements itself and is trusted with no address and no markup. */

import { MATH_OPTIONS } from '../../../src/wire/shown/math-options.ts';

type Katex = typeof import('katex').default;
let katex: Katex | undefined;
let loading: Promise<Katex> | undefined;

const load = (): Promise<Katex> => {
  loading ??= Promise.all([import('katex'), import('katex/dist/katex.min.css')]).then(([module]) => {
    katex = module.default;
    return katex;
  });
  return loading;
};

/** Shows the formula in the element, at once if KaTeX is there; its source stands there until then. */
export function paintMath(element: HTMLElement, tex: string, displayMode: boolean): void {
  const paint = (library: Katex) => {
    try {
      library.render(tex, element, { ...MATH_OPTIONS, displayMode });
    } catch {
      element.textContent = tex;
    }
  };
  if (katex !== undefined) paint(katex);
  else {
    element.textContent = tex;
    void load().then(paint, () => {});
  }
}

/** Settles when no formula waits for KaTeX; at once where none was met. */
export const mathReady = (): Promise<unknown> => loading?.catch(() => {}) ?? Promise.resolve();
