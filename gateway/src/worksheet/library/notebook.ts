/** What a new worksheet begins with: one empty cell, and the names by which other programs know its kernel. */
import type { Notebook } from '../../wire/notebook.ts';
import { newCellId } from '../../wire/notebook-values.ts';

export interface NotebookKernel {
  readonly name: string;
  readonly title: string;
  readonly language: string;
}

export const namesOf = ({ name, title, language }: NotebookKernel) => ({
  kernelspec: { display_name: title, language, name },
  language_info: { name: language },
});

export const newNotebook = (kernel: NotebookKernel): Notebook => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: namesOf(kernel),
  cells: [
    {
      cell_type: 'code',
      id: newCellId(new Set()),
      metadata: {},
      source: '',
      outputs: [],
      execution_count: null,
    },
  ],
});
