/**
 * The cursor blinks by a timer. CodeMirror's animation makes the browser ask for a frame as often as the display has one, for as
 * long as a cell is written in; this draws twice in a blink.
 */
import { drawSelection, type EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';

/** Milliseconds of light and of dark. */
const HALF = 600;
const STILL = matchMedia('(prefers-reduced-motion: reduce)');

class Blink {
  readonly #view: EditorView;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(view: EditorView) {
    this.#view = view;
    this.#begin();
  }

  /** A cursor that moves is seen. */
  update({ selectionSet, docChanged, focusChanged }: ViewUpdate): void {
    if (selectionSet || docChanged || focusChanged) this.#begin();
  }

  destroy(): void {
    clearInterval(this.#timer);
  }

  #begin(): void {
    const { dom, hasFocus } = this.#view;
    clearInterval(this.#timer);
    if (dom.hasAttribute('data-dark')) dom.removeAttribute('data-dark');
    if (hasFocus && !STILL.matches) this.#timer = setInterval(() => dom.toggleAttribute('data-dark'), HALF);
  }
}

export const drawnSelection = [drawSelection({ cursorBlinkRate: 0 }), ViewPlugin.fromClass(Blink)];
