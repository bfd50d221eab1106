/**
 * An output within an Output widget as elements. Its markup may do in this frame whatever it likes: the frame can reach nothing.
 */
import { chooseShown, joined, type Shown } from '../../../src/wire/shown/choose.ts';
import { markdownMarkup } from '../../../src/wire/shown/markdown.ts';
import { mathParts } from '../../../src/wire/shown/math-text.ts';
import { paintAnsi } from '../outputs/ansi.ts';
import { mathElement, mathFragment } from './math.ts';
import { texts } from './texts.ts';

type Output = Readonly<Record<string, unknown>>;

export function paintOutput(output: Output): HTMLElement {
  const type = output['output_type'];
  if (type === 'stream') return pre(joined(output['text']) ?? '', output['name'] === 'stderr' ? 'stderr' : 'stdout');
  if (type === 'error') return pre(errorText(output), 'error');
  if (type === 'display_data' || type === 'execute_result')
    return paintShown(chooseShown(output['data'], output['metadata']));
  return note(String(type).slice(0, 60));
}

function paintShown(shown: Shown): HTMLElement {
  switch (shown.as) {
    case 'text':
      return pre(shown.text, 'plain');
    case 'frame':
    case 'html':
      return box('html', markup(shown.html));
    case 'markdown': {
      const fragment = markup(markdownMarkup(shown.text));
      for (const place of fragment.querySelectorAll<HTMLElement>('.math-inline, .math-block'))
        place.replaceWith(mathElement(place.textContent ?? '', place.classList.contains('math-block')));
      return box('rendered', fragment);
    }
    case 'latex': {
      const known = mathParts(shown.text).some(({ math }) => math);
      return box('rendered', known ? mathFragment(shown.text) : mathElement(shown.text, true));
    }
    case 'image': {
      const image = document.createElement('img');
      image.src = shown.source;
      image.alt = shown.alt ?? texts().picture;
      if (shown.width !== undefined) image.width = shown.width;
      if (shown.height !== undefined) image.height = shown.height;
      return image;
    }
    case 'tooMuch':
      return note('text/html');
    case 'unknown':
      return note(shown.types.join(', '));
  }
}

const errorText = (output: Output): string => {
  const { traceback } = output as { traceback?: unknown };
  return Array.isArray(traceback) && traceback.length > 0
    ? traceback.map(String).join('\n')
    : `${output['ename']}: ${output['evalue']}`;
};

const markup = (html: string): DocumentFragment => document.createRange().createContextualFragment(html);

function box(kind: string, content: Node): HTMLElement {
  const element = document.createElement('div');
  element.className = kind;
  element.append(content);
  return element;
}

function pre(text: string, kind: string): HTMLElement {
  const element = document.createElement('pre');
  element.className = `stream ${kind}`;
  paintAnsi(element, text);
  return element;
}

const note = (kind: string): HTMLElement => {
  const element = document.createElement('p');
  element.className = 'note';
  element.textContent = texts().unknownOutput.replace('…', kind);
  return element;
};
