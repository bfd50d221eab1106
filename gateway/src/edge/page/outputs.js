/**
 * Draws what a kernel sends. Everything is text or an image: no markup of a kernel is ever made part of the page, because code
 * that runs in a worksheet must not act as the person who looks at it.
 */

/** Characters of text kept per output; a browser stays usable with that. */
const LONGEST = 200_000;
const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

export class Outputs {
  #box;
  #text;
  #clearNext = false;
  #displays;

  /** `displays` maps display ids to the outputs that show them, in all cells. */
  constructor(box, displays) {
    this.#box = box;
    this.#displays = displays;
  }

  stream(name, text) {
    this.#begin();
    if (this.#text?.name !== name) this.#text = { name, pane: new TextPane(this.#add('pre', name)) };
    this.#text.pane.append(text);
  }

  error(lines) {
    this.#begin();
    this.#text = undefined;
    new TextPane(this.#add('pre', 'error')).append(lines.join('\n'));
  }

  /** The best of the representations that is safe to show. */
  data(bundle, display) {
    this.#begin();
    this.#text = undefined;
    const place = this.#add('div', 'data');
    fill(place, bundle);
    if (display !== undefined) this.#displays.set(display, [...(this.#displays.get(display) ?? []), place]);
  }

  clear(wait) {
    if (wait) this.#clearNext = true;
    else this.#empty();
  }

  /** Asks for a line of input; `answer` gets it. */
  prompt(text, hidden, answer) {
    const form = this.#add('form', 'prompt');
    const label = form.appendChild(document.createElement('label'));
    label.textContent = text || 'Input ';
    const input = label.appendChild(document.createElement('input'));
    input.type = hidden ? 'password' : 'text';
    input.autocomplete = 'off';
    form.onsubmit = (event) => {
      event.preventDefault();
      form.remove();
      this.stream('stdout', `${text}${hidden ? '' : input.value}\n`);
      answer(input.value);
    };
    input.focus();
  }

  #begin() {
    if (this.#clearNext) this.#empty();
    this.#clearNext = false;
  }

  #empty() {
    this.#box.replaceChildren();
    this.#text = undefined;
  }

  #add(tag, kind) {
    const element = document.createElement(tag);
    element.className = kind;
    return this.#box.appendChild(element);
  }
}

/** Shows another bundle in the same place. */
export function fill(place, bundle) {
  const image = IMAGES.find((type) => typeof bundle[type] === 'string');
  const svg = bundle['image/svg+xml'];
  if (image !== undefined || typeof svg === 'string') {
    const picture = document.createElement('img');
    picture.alt = typeof bundle['text/plain'] === 'string' ? bundle['text/plain'] : 'Picture made by the code';
    picture.src = image
      ? `data:${image};base64,${bundle[image].replace(/\s/g, '')}`
      : `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
    place.replaceChildren(picture);
    return;
  }
  const text = bundle['text/plain'] ?? bundle['text/markdown'] ?? bundle['text/latex'] ?? bundle['text/html'];
  const pre = document.createElement('pre');
  place.replaceChildren(pre);
  new TextPane(pre).append(typeof text === 'string' ? text : JSON.stringify(bundle, undefined, 1));
}

/** Text as a terminal shows it: colours, and carriage returns that overwrite their line. Beyond its bound it is cut, and says so. */
class TextPane {
  #element;
  #last = '';
  #tail;
  #length = 0;
  #classes = '';

  constructor(element) {
    this.#element = element;
    this.#tail = document.createElement('span');
    element.append(this.#tail);
  }

  append(text) {
    if (this.#length > LONGEST) return;
    this.#length += text.length;
    const lines = (this.#last + text.slice(0, LONGEST)).split('\n');
    this.#last = lines.pop();
    if (lines.length > 0)
      this.#tail.before(...this.#colour(lines.map((line) => `${overwritten(line)}\n`).join(''), true));
    this.#tail.replaceChildren(...this.#colour(overwritten(this.#last), false));
    if (this.#length > LONGEST) {
      const cut = document.createElement('p');
      cut.className = 'cut';
      cut.textContent = `This page shows ${LONGEST} characters of an output; the rest is not shown.`;
      this.#element.after(cut);
    }
  }

  /** `keep` carries colours over to the next line. */
  #colour(text, keep) {
    const before = this.#classes;
    const [first, ...rest] = text.replace(LINKS, '').split('\x1b[');
    const nodes = [span(first, before)];
    for (const piece of rest) {
      const [sequence = '', codes, letter] = /^([\d;]*)([A-Za-z])/.exec(piece) ?? [];
      if (letter === 'm') this.#classes = classesOf(codes, this.#classes);
      nodes.push(span(piece.slice(sequence.length), this.#classes));
    }
    if (!keep) this.#classes = before;
    return nodes;
  }
}

function span(text, classes) {
  const element = document.createElement('span');
  element.className = classes;
  element.textContent = text;
  return element;
}

/** Terminals' hyperlinks: their address is left out, their text stays. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const LINKS = /\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)/g;

const overwritten = (line) => line.replace(/\r+$/, '').replace(/^.*\r/s, '');

const NAMES = ['faint', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', ''];

function classesOf(codes, before) {
  let classes = before.split(' ').filter(Boolean);
  for (const code of codes.split(';').map(Number)) {
    if (code === 0) classes = [];
    else if (code === 1) classes = [...classes, 'bold'];
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97))
      classes = [...classes.filter((name) => name === 'bold'), NAMES[code % 10]];
    else if (code === 39) classes = classes.filter((name) => name === 'bold');
    else if (code === 38 || code === 48) break;
  }
  return classes.join(' ').trim();
}
