/**
 * A notebook as one HTML file that shows everything without a network and runs nothing but, in frames of their own, the scripts of
 * outputs. The file belongs to nobody's site and may be opened from a disk, so its policy stands in it. Rules: docs/spec/worksheet-export.md.
 */
import type { Notebook } from '../../../wire/notebook.ts';
import { savedModels } from '../../../wire/widget-models.ts';
import { cellMarkup } from './cells.ts';
import { colouredCode } from './code.ts';
import { escaped } from './escape.ts';
import { type FormulaFiles, Formulas } from './formulas.ts';
import { policiesOf } from './frame.ts';
import type { Page } from './page.ts';
import { type ExportLanguage, TEXTS } from './texts.ts';

export interface HtmlExport {
  readonly title: string;
  readonly notebook: Notebook;
  readonly language: ExportLanguage;
}

/** What lies beside this program in files. */
export interface ExportFiles extends FormulaFiles {
  readonly style: string;
}

/** `nonce` is what a script of a frame carries: nobody who wrote the notebook may know it before. Letters and digits. */
export function exportHtml({ title, notebook, language }: HtmlExport, files: ExportFiles, nonce: string): string {
  const formulas = new Formulas(files);
  const page: Page = {
    texts: TEXTS[language],
    code: colouredCode(languageOf(notebook)),
    formulas,
    widgets: savedModels(notebook.metadata['widgets']),
    nonce,
    frames: 0,
  };
  const cells = notebook.cells.map((cell) => cellMarkup(cell, page));
  const style = files.style + formulas.styles();
  return [
    '<!doctype html>',
    `<html lang="${language}">`,
    '<head>',
    '<meta charset="utf-8">',
    policiesOf(nonce, page.frames),
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    '<meta name="generator" content="Carrel">',
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    `<header class="head">${escaped(title)}</header>`,
    '<main>',
    ...cells,
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** As the notebook names it, in lower case. */
function languageOf({ metadata }: Notebook): string {
  const name = text(metadata['language_info'], 'name') ?? text(metadata['kernelspec'], 'language');
  return (name ?? 'python').toLowerCase();
}

function text(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = (value as Record<string, unknown>)[key];
  return typeof found === 'string' ? found : undefined;
}
