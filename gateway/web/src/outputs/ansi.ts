/** Terminal text as elements: no markup of a kernel is parsed. */
import { pieces } from '../../../src/wire/shown/terminal.ts';

/** Puts the text into the element, in place of what is there. */
export function paintAnsi(element: HTMLElement, text: string): void {
  element.replaceChildren(...elements(text));
}

function elements(text: string): (HTMLElement | string)[] {
  return pieces(text).map(({ text: part, classes, colour, background }) => {
    if (classes === '' && colour === undefined && background === undefined) return part;
    const span = document.createElement('span');
    span.className = classes;
    if (colour !== undefined) span.style.color = background === undefined ? readable(colour) : colour;
    if (background !== undefined) span.style.backgroundColor = background;
    span.textContent = part;
    return span;
  });
}

/** Chosen for some terminal's background: its hue, as light or dark as it takes to be read on ours. */
const readable = (colour: string): string =>
  `light-dark(oklch(from ${colour} min(l, 0.56) c h), oklch(from ${colour} max(l, 0.76) c h))`;

/** Output that grows: what is painted and finished stays, only what came after it is painted again. */
export class GrowingText {
  readonly #element: HTMLElement;
  readonly #open = document.createElement('span');
  #done = '';

  constructor(element: HTMLElement) {
    this.#element = element;
    element.replaceChildren(this.#open);
  }

  update(text: string): void {
    if (!text.startsWith(this.#done)) {
      this.#done = '';
      this.#element.replaceChildren(this.#open);
    }
    const rest = text.slice(this.#done.length);
    const end = finished(rest);
    if (end > 0) {
      this.#open.before(...elements(rest.slice(0, end)));
      this.#done += rest.slice(0, end);
    }
    this.#open.replaceChildren(...elements(rest.slice(end)));
  }
}

/** Where the last line ends that leaves no colour switched on; what stands before cannot change any more. */
function finished(text: string): number {
  const end = text.lastIndexOf('\n') + 1;
  const last = text.slice(0, end).lastIndexOf('\x1b[');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  return last === -1 || /^\x1b\[0?m/.test(text.slice(last, end)) ? end : 0;
}
