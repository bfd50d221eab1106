/** One output of the exported file. */
import type { MimeBundle, Output } from '../../../wire/notebook.ts';
import { chooseShown, type Shown } from '../../../wire/shown/choose.ts';
import { pieces } from '../../../wire/shown/terminal.ts';
import { viewOf, WIDGET_VIEW } from '../../../wire/widget-models.ts';
import { escaped } from './escape.ts';
import { frameMarkup } from './frame.ts';
import type { Page } from './page.ts';
import { latexOf, markdownOf } from './rich-text.ts';
import { sanitised } from './sanitise.ts';
import { widgetMarkup } from './widgets.ts';

export function outputMarkup(output: Output, page: Page): string {
  switch (output.output_type) {
    case 'stream':
      return preformatted(output.text, output.name === 'stderr' ? 'stderr' : 'stdout');
    case 'error': {
      const { ename, evalue, traceback } = output;
      return preformatted(traceback.length > 0 ? traceback.join('\n') : `${ename}: ${evalue}`, 'error');
    }
    default:
      return widget(output.data, page) ?? shownMarkup(chooseShown(output.data, output.metadata), page);
  }
}

/** Undefined where the output shows none. Of one without a saved state the other representations are shown. */
function widget(data: MimeBundle, page: Page): string | undefined {
  const id = viewOf(data);
  if (id === undefined) return undefined;
  const { [WIDGET_VIEW]: _, ...others } = data;
  const saved = widgetMarkup(id, page, outputMarkup);
  if (saved !== undefined) return `<div class="widget" role="group" aria-label="${page.texts.widget}">${saved}</div>`;
  if (Object.keys(others).length > 0) return shownMarkup(chooseShown(others, {}), page);
  return `<p class="note">${page.texts.noWidget}</p>`;
}

function shownMarkup(shown: Shown, page: Page): string {
  const { texts } = page;
  switch (shown.as) {
    case 'text':
      return preformatted(shown.text, 'plain');
    case 'frame':
      page.frames += 1;
      return frameMarkup(shown.html, page.nonce, texts.frame);
    case 'html':
      return `<div class="html" tabindex="0">${sanitised(shown.html)}</div>`;
    case 'markdown':
      return `<div class="rendered">${markdownOf(shown.text, page)}</div>`;
    case 'latex':
      return `<div class="rendered latex">${latexOf(shown.text, page)}</div>`;
    case 'image':
      return picture(shown, page);
    case 'tooMuch':
      return `<p class="note">${texts.tooMuch}</p>`;
    case 'unknown':
      return `<p class="note">${texts.unknown(escaped(shown.types.join(', ')))}</p>`;
    default:
      return '';
  }
}

function picture({ source, alt, width, height }: Extract<Shown, { as: 'image' }>, { texts }: Page): string {
  const size = [width === undefined ? '' : ` width="${width}"`, height === undefined ? '' : ` height="${height}"`].join(
    '',
  );
  const text = alt === undefined ? texts.picture : texts.pictureOf(alt);
  return `<img src="${escaped(source)}" alt="${escaped(text)}"${size}>`;
}

/** As a terminal shows it: colours are classes, or numbers that were read as such. */
export function preformatted(text: string, kind: string): string {
  const parts = pieces(text).map(({ text: part, classes, colour, background }) => {
    const style = [colour && `color:${colour}`, background && `background-color:${background}`]
      .filter(Boolean)
      .join(';');
    if (classes === '' && style === '') return escaped(part);
    const attributes = [classes && ` class="${escaped(classes)}"`, style && ` style="${escaped(style)}"`].join('');
    return `<span${attributes}>${escaped(part)}</span>`;
  });
  return `<pre class="stream ${kind}" tabindex="0">${parts.join('')}</pre>`;
}
