/** Text that a kernel gives for a cell (`%load`, `%recall`, `set_next_input`): in the place of the cell that ran, or below it. */
import * as Y from 'yjs';
import { newCellId } from '../../wire/notebook-values.ts';
import { cellOf, cellsOf, makeCell } from '../document/document.ts';
import type { NextInput } from './runner-messages.ts';

/** Within a change of the document. A cell that is gone has neither a place nor a neighbour. */
export function applyNextInput(doc: Y.Doc, cell: string, { text, replace }: NextInput): void {
  const target = cellOf(doc, cell);
  if (target === undefined) return;
  const source = target.get('source');
  if (replace) {
    if (source instanceof Y.Text) {
      source.delete(0, source.length);
      source.insert(0, text);
    }
    return;
  }
  const all = cellsOf(doc);
  const taken = new Set(all.map((each) => String(each instanceof Y.Map ? each.get('id') : '')));
  const made = { id: newCellId(taken), cell_type: 'code' as const, metadata: {}, source: text };
  all.insert(all.toArray().indexOf(target) + 1, [makeCell({ ...made, outputs: [], execution_count: null })]);
}
