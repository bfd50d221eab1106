/** The shared document as @jupyter/ydoc's notebook lays it out, read and made here; the gateway writes outputs and counts. */
import * as Y from 'yjs';

export type CellKind = 'code' | 'markdown' | 'raw';
export type YCell = Y.Map<unknown>;

export const cellsOf = (doc: Y.Doc): Y.Array<YCell> => doc.getArray<YCell>('cells');

/** The notebook's metadata, a map in the map `meta`; undefined before the document has come. */
export function metadataOf(doc: Y.Doc): Y.Map<unknown> | undefined {
  const found = doc.getMap('meta').get('metadata');
  return found instanceof Y.Map ? found : undefined;
}

export const idOf = (cell: YCell): string => String(cell.get('id') ?? '');

export function kindOf(cell: YCell): CellKind {
  const kind = cell.get('cell_type');
  return kind === 'markdown' || kind === 'raw' ? kind : 'code';
}

export function textOf(cell: YCell): Y.Text | undefined {
  const source = cell.get('source');
  return source instanceof Y.Text ? source : undefined;
}

export const sourceOf = (cell: YCell): string => textOf(cell)?.toString() ?? '';

export function outputsOf(cell: YCell): Y.Array<unknown> | undefined {
  const outputs = cell.get('outputs');
  return outputs instanceof Y.Array ? outputs : undefined;
}

export function countOf(cell: YCell): number | undefined {
  const count = cell.get('execution_count');
  return typeof count === 'number' ? count : undefined;
}

/** A cell's metadata: Jupyter's map, or the plain object that some writers leave there. */
export function cellMetadata(cell: YCell, key: string): unknown {
  const metadata = cell.get('metadata');
  if (metadata instanceof Y.Map) return metadata.get(key);
  return typeof metadata === 'object' && metadata !== null ? (metadata as Record<string, unknown>)[key] : undefined;
}

export interface AnyOutput {
  readonly output_type: string;
  readonly [key: string]: unknown;
}

/** One output as plain data; streams keep their text in a Y.Text. */
export function plainOutput(output: unknown): AnyOutput {
  const plain: unknown = output instanceof Y.Map ? output.toJSON() : output;
  if (typeof plain === 'object' && plain !== null && 'output_type' in plain) return plain as AnyOutput;
  return { output_type: 'unknown' };
}

export const hasError = (cell: YCell): boolean =>
  outputsOf(cell)
    ?.toArray()
    .some(
      (output) => (output instanceof Y.Map ? output.get('output_type') : plainOutput(output).output_type) === 'error',
    ) ?? false;

/** What of a cell is copied, pasted and moved. */
export interface PlainCell {
  readonly kind: CellKind;
  readonly source: string;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly attachments?: unknown;
  readonly outputs?: readonly unknown[];
  readonly count?: number | null;
  /** Keys of the file that the format does not know; the gateway keeps them here. */
  readonly extra?: unknown;
}

export function plainCell(cell: YCell): PlainCell {
  const { metadata, attachments, outputs, execution_count, extra } = cell.toJSON() as Record<string, unknown>;
  return {
    kind: kindOf(cell),
    source: sourceOf(cell),
    metadata: (metadata ?? {}) as Record<string, unknown>,
    ...(attachments === undefined ? {} : { attachments }),
    ...(extra === undefined ? {} : { extra }),
    ...(Array.isArray(outputs) ? { outputs } : {}),
    ...(typeof execution_count === 'number' ? { count: execution_count } : {}),
  };
}

/** A new cell with this id, to be inserted once. */
export function makeCell(id: string, plain: PlainCell): YCell {
  const cell = new Y.Map<unknown>();
  cell.set('id', id);
  cell.set('cell_type', plain.kind);
  cell.set('source', new Y.Text(plain.source));
  cell.set('metadata', new Y.Map(Object.entries(plain.metadata)));
  if (plain.extra !== undefined) cell.set('extra', plain.extra);
  if (plain.kind === 'code') {
    const outputs = new Y.Array<unknown>();
    outputs.push((plain.outputs ?? []).map(makeOutput));
    cell.set('outputs', outputs);
    cell.set('execution_count', plain.count ?? null);
  } else if (plain.attachments !== undefined) cell.set('attachments', plain.attachments);
  return cell;
}

function makeOutput(output: unknown): Y.Map<unknown> {
  const plain = plainOutput(output);
  const entries = Object.entries(plain).map(([key, value]): [string, unknown] =>
    plain.output_type === 'stream' && key === 'text' && typeof value === 'string'
      ? [key, new Y.Text(value)]
      : [key, value],
  );
  return new Y.Map(entries);
}
