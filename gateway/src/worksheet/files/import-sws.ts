/**
 * Worksheets of the old Sage notebook (`.sws`: a bzip2 tar with `sage_worksheet/worksheet.html` or `worksheet.txt`) as notebooks: inputs
 * become code cells, the text between them markdown, outputs text. Files that belonged to it are left out. Pure.
 */
import { CarrelError } from '../../base/errors.ts';
import type { Cell, CodeCell, Notebook } from '../../wire/notebook.ts';
import { newCellId } from '../../wire/notebook-values.ts';
import { bunzip2 } from './bzip2.ts';
import { filesOfTar } from './tar.ts';

/** Bytes that an archive may unpack to: the largest worksheets in the wild hold some MB of plots, which are left out. */
const MOST = 64 * 1024 * 1024;

/** Throws `bad_request` for what is no such file, `too_large` where it unpacks to more than 64 MiB. */
export function importSws(file: Uint8Array): Notebook {
  const files = filesOfTar(bunzip2(file, MOST));
  for (const name of ['worksheet.html', 'worksheet.txt']) {
    const found = files.find(({ path }) => path.split('/').at(-1) === name && path.split('/').length <= 2);
    if (found !== undefined) return notebookOfSage(new TextDecoder().decode(found.bytes));
  }
  throw new CarrelError(
    'bad_request',
    'the archive holds no worksheet.html and no worksheet.txt: it is no Sage worksheet',
  );
}

/** `worksheet.txt` begins with a title and the system that its cells are for; `worksheet.html` does not. */
const HEADER = /^([^\n]*)\n[ \t]*system:[^\n]*(?:\n|$)/;
const CELL = /\{\{\{([\s\S]*?)(?:\n\}\}\}|$)/g;

export function notebookOfSage(worksheet: string): Notebook {
  const text = worksheet.replace(/\r\n?/g, '\n').toWellFormed();
  const [header = '', title = ''] = HEADER.exec(text) ?? [];
  const body = text.slice(header.length);
  const ids = new Set<string>();
  const cells: Cell[] = [];
  const addText = (source: string): void => {
    const trimmed = source.trim();
    if (trimmed !== '') cells.push({ id: newCellId(ids), cell_type: 'markdown', metadata: {}, source: trimmed });
  };
  let at = 0;
  for (const found of body.matchAll(CELL)) {
    addText(body.slice(at, found.index));
    cells.push(codeCell(found[1] ?? '', newCellId(ids)));
    at = found.index + found[0].length;
  }
  addText(body.slice(at));
  const metadata = title.trim() === '' ? {} : { title: title.trim() };
  return { nbformat: 4, nbformat_minor: 5, metadata, cells };
}

/** `id=3|`, the input, a line `///`, the output. */
function codeCell(inside: string, id: string): CodeCell {
  const content = inside.replace(/^[ \t]*(?:\w+=[^|\n]*\|)?[ \t]*\n?/, '');
  const split = /(?:^|\n)\/\/\/[ \t]*(?:\n|$)/.exec(content);
  const input = split === null ? content : content.slice(0, split.index);
  const output = split === null ? '' : plainText(content.slice(split.index + split[0].length)).trimEnd();
  return {
    id,
    cell_type: 'code',
    metadata: {},
    source: input.trimEnd(),
    outputs: output === '' ? [] : [{ output_type: 'stream', name: 'stdout', text: `${output}\n` }],
    execution_count: null,
  };
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#39': "'", nbsp: ' ', amp: '&' };

/** Output is text, but for what stands within `<html>`. */
function plainText(output: string): string {
  return output.replace(/<html>([\s\S]*?)<\/html>/gi, (_, html: string) =>
    html
      .replace(/<(script|style)\b[\s\S]*?(?:<\/\1>|$)/gi, '')
      .replace(/<br\s*\/?>|<\/(?:p|div|tr|h\d)>/gi, '\n')
      .replace(/<[^>]*>/g, '')
      .replace(/&(lt|gt|quot|#39|nbsp|amp);/g, (_all, name: string) => ENTITIES[name] ?? ''),
  );
}
