/** A document whose cells get outputs, for the tests of `worksheet/document`. */
import * as Y from 'yjs';
import type { CodeCell, Notebook, Output } from '../../gateway/src/wire/notebook.ts';
import { CellOutputs } from '../../gateway/src/worksheet/document/cell-outputs.ts';
import { cellsOf, fillDocument, makeCell, readDocument } from '../../gateway/src/worksheet/document/document.ts';

export const WIDE = { head: 1e6, tail: 1e6 };
export const code = (id: string, outputs: Output[] = []): CodeCell => ({
  id,
  cell_type: 'code',
  metadata: {},
  source: '',
  outputs,
  execution_count: null,
});

/** A document, and what is shown of its cells. */
export class OutputsWorld {
  readonly doc = new Y.Doc();
  updates = 0;

  constructor(...cells: CodeCell[]) {
    const notebook: Notebook = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells };
    fillDocument(this.doc, notebook);
    this.doc.on('update', () => {
      this.updates += 1;
    });
  }

  outputs(id: string, bound = WIDE): CellOutputs {
    return new CellOutputs(this.doc, id, bound);
  }

  cell(id: string): CodeCell {
    return readDocument(this.doc).cells.find((cell) => cell.id === id) as CodeCell;
  }

  shown(id: string): unknown[] {
    return this.cell(id).outputs.map((output) =>
      output.output_type === 'stream' ? { [output.name]: output.text } : 'data' in output ? output.data : output,
    );
  }

  /** What a page does that moves a cell. */
  move(id: string): void {
    const cells = cellsOf(this.doc);
    const index = cells.toArray().findIndex((cell) => cell.get('id') === id);
    const cell = this.cell(id);
    this.doc.transact(() => {
      cells.delete(index, 1);
      cells.insert(0, [makeCell(cell)]);
    });
  }
}
export const out = (text: string) => ['stream', { name: 'stdout', text }] as const;
export const err = (text: string) => ['stream', { name: 'stderr', text }] as const;
export const plain = (text: string) => ({ data: { 'text/plain': text }, metadata: {} });

/** The size that the note says. */
export const sizeIn = (text: string): number =>
  Number((/\[… ([\d,]+) bytes were cut here …\]\n/.exec(text)?.[1] ?? '0').replaceAll(',', ''));
/** Bytes behind the note. */
export const kept = (text: string): number => Buffer.byteLength(text.slice(text.indexOf('…]\n') + 3));
