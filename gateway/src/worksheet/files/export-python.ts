/**
 * A notebook as a Python file in the percent format, which Spyder, VS Code, PyCharm and jupytext read as cells: what is no code is a
 * comment, and so are IPython's magics, so that Python runs the file. Outputs are left out. Pure.
 */
import type { Cell, Notebook } from '../../wire/notebook.ts';

export function exportPython(notebook: Notebook): string {
  return `${notebook.cells.map(written).join('\n\n')}\n`;
}

function written(cell: Cell): string {
  if (cell.cell_type === 'code') return joined('# %%', pythonOf(cell.source));
  return joined(`# %% [${cell.cell_type}]`, linesOf(cell.source).map(commented));
}

const joined = (head: string, lines: readonly string[]): string => [head, ...lines].join('\n').trimEnd();

const linesOf = (source: string): string[] => (source === '' ? [] : source.split(/\r\n|\r|\n/));

const commented = (line: string): string => (line === '' ? '#' : `# ${line}`);

/** `%%magic` makes its whole cell something else than Python; other magics are single lines outside of strings. */
function pythonOf(source: string): string[] {
  const lines = linesOf(source);
  if (/^\s*%%\w/.test(source)) return lines.map(commented);
  let open = '';
  return lines.map((line) => {
    const magic = open === '' && /^\s*(?:[%!?]|.*[\w)\]]\?{1,2}\s*$)/.test(line) && !/^\s*#/.test(line);
    if (!magic) open = stringOpenAfter(line, open);
    /** A line that only looks like the beginning of a cell. */
    return magic || (open === '' && /^# %%/.test(line)) ? commented(line) : line;
  });
}

/** The triple quotes that are open behind `line`, where `open` were before it; empty for none. */
function stringOpenAfter(line: string, open: string): string {
  let quotes = open;
  for (const [token] of line.matchAll(/\\.|"""|'''|["'#]/g)) {
    if (quotes === '') {
      if (token === '#') return '';
      if (!token.startsWith('\\')) quotes = token;
    } else if (token === quotes) quotes = '';
  }
  return quotes.length === 3 ? quotes : '';
}
