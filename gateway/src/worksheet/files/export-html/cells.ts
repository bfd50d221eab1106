/** One cell of the exported file. */

import type { Cell, CodeCell } from '../../../wire/notebook.ts';
import { isObject } from '../../../wire/notebook-values.ts';
import { escaped } from './escape.ts';
import { outputMarkup } from './outputs.ts';
import type { Page } from './page.ts';
import { markdownOf } from './rich-text.ts';

export function cellMarkup(cell: Cell, page: Page): string {
  if (cell.cell_type === 'code') return codeCell(cell, page);
  if (cell.cell_type === 'raw') return `<pre class="cell raw" tabindex="0">${escaped(cell.source)}</pre>`;
  return `<section class="cell text rendered">${markdownOf(cell.source, page, cell.attachments)}</section>`;
}

function codeCell(cell: CodeCell, page: Page): string {
  const { texts } = page;
  const count = cell.execution_count ?? ' ';
  const source = `<pre class="source" tabindex="0"><code>${page.code.markup(cell.source)}</code></pre>`;
  const outputs = cell.outputs.map((output) => outputMarkup(output, page)).join('\n');
  const shown = outputs === '' ? '' : `<div class="outputs">${outputs}</div>`;
  return [
    `<section class="cell code" aria-label="${texts.code} [${count}]">`,
    `<span class="count" aria-hidden="true">[${count}]</span>`,
    cell.source === '' ? '' : folded(source, isHidden(cell, 'source_hidden'), texts.hiddenSource),
    folded(shown, shown !== '' && isHidden(cell, 'outputs_hidden'), texts.hiddenOutput),
    '</section>',
  ].join('\n');
}

/** What is hidden in the worksheet can be opened in the file, without a script. */
const folded = (markup: string, hidden: boolean, label: string): string =>
  hidden ? `<details><summary>${label}</summary>${markup}</details>` : markup;

function isHidden({ metadata }: CodeCell, what: 'source_hidden' | 'outputs_hidden'): boolean {
  const jupyter = metadata['jupyter'];
  if (isObject(jupyter) && jupyter[what] === true) return true;
  return what === 'outputs_hidden' && metadata['collapsed'] === true;
}
