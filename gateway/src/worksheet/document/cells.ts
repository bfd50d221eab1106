/** Cells and outputs out of a shared document, valid whatever stands there. Pure. */
import type * as Y from 'yjs';
import type { Cell, Json, MimeBundle, Output } from '../../wire/notebook.ts';
import {
  isCellId,
  isCount,
  isObject,
  newCellId,
  storableBundle,
  storableText,
  without,
} from '../../wire/notebook-values.ts';
import { objectOf, plainOf, textOf } from './values.ts';

/** Holds the keys of a cell or a notebook that the format does not know. */
export const EXTRA = 'extra';
const COMMON = ['id', 'cell_type', 'source', 'metadata'];

/** The keys that cells of this type have in nbformat beside the common ones. */
export const ownKeys = (type: Cell['cell_type']): readonly string[] =>
  type === 'code' ? ['outputs', 'execution_count'] : ['attachments'];

/** `ids` are those of the cells before it; the cell's is among them afterwards. `outputs`: how its outputs are read. */
export function readCell(cell: Y.Map<unknown>, ids: Set<string>, outputs = readOutputs): Cell {
  const named = cell.get('cell_type');
  const type = named === 'code' || named === 'markdown' ? named : 'raw';
  const common = {
    ...readExtra(cell.get(EXTRA), [...COMMON, ...ownKeys(type)]),
    id: freeId(cell.get('id'), ids),
    source: textOf(cell.get('source')),
    metadata: objectOf(cell.get('metadata')),
  };
  if (type === 'code') {
    return {
      ...common,
      cell_type: 'code',
      outputs: outputs(cell),
      execution_count: countOf(cell.get('execution_count')),
    };
  }
  const attachments = plainOf(cell.get('attachments'));
  return { ...common, cell_type: type, ...(isObject(attachments) && { attachments: readAttachments(attachments) }) };
}

export function readExtra(value: unknown, known: readonly string[]): Json {
  return without(objectOf(value), known);
}

function freeId(value: unknown, ids: Set<string>): string {
  if (!isCellId(value) || ids.has(value)) return newCellId(ids);
  ids.add(value);
  return value;
}

const countOf = (value: unknown): number | null => (isCount(value) ? value : null);

const readAttachments = (value: Json): Record<string, MimeBundle> =>
  Object.fromEntries(Object.entries(value).map(([name, bundle]) => [name, storableBundle(bundle)]));

export function readOutputs(cell: Y.Map<unknown>): readonly Output[] {
  const outputs = plainOf(cell.get('outputs'));
  return Array.isArray(outputs) ? outputs.flatMap(readOutput) : [];
}

/** Of an output in the shared document: what lives as long as its kernel, and is in no file. */
export const TRANSIENT = 'transient';

/** None for what is no output. */
export function readOutput(value: unknown): Output[] {
  if (!isObject(value)) return [];
  const { output_type: type, [TRANSIENT]: _, ...more } = value;
  const stringOf = (key: string): string => (more[key] === undefined ? '' : storableText(more[key]));
  if (type === 'stream') {
    return [{ ...more, output_type: type, name: stringOf('name') || 'stdout', text: stringOf('text') }];
  }
  if (type === 'error') {
    const lines = Array.isArray(more['traceback']) ? more['traceback'].map(storableText) : [];
    return [{ ...more, output_type: type, ename: stringOf('ename'), evalue: stringOf('evalue'), traceback: lines }];
  }
  if (type !== 'display_data' && type !== 'execute_result') return [];
  const { data, metadata, ...kept } = more;
  const shown = { ...kept, data: storableBundle(data), metadata: isObject(metadata) ? metadata : {} };
  if (type === 'display_data') return [{ ...shown, output_type: type }];
  return [{ ...shown, output_type: type, execution_count: countOf(more['execution_count']) }];
}
