/** Rows as lines of JSON: numbers, texts and null as they are, bytes as `{"b64": "…"}`. */
import type { ColumnKind, SchemaTable } from '../store/schema.ts';
import type { Row, Value } from '../store/snapshot.ts';

export const toLine = (row: Row): string => `${JSON.stringify(row.map(encoded))}\n`;

const encoded = (value: Value): unknown =>
  value instanceof Uint8Array
    ? { b64: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') }
    : value;

/** Throws with a word about the first row that does not fit the table. */
export function fromLines(text: string, table: SchemaTable): Row[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('its last row is cut off');
  return lines.map((line, index) => {
    const values: unknown = JSON.parse(line);
    if (!Array.isArray(values) || values.length !== table.columns.length)
      throw new Error(`row ${index + 1} does not have the ${table.columns.length} columns of ${table.name}`);
    return values.map((value, column) => {
      const { name, kind } = table.columns[column] as SchemaTable['columns'][number];
      const found = decoded(value, kind);
      if (found === undefined) throw new Error(`row ${index + 1} has something else than ${kind} as ${name}`);
      return found;
    });
  });
}

function decoded(value: unknown, kind: ColumnKind): Value | undefined {
  if (value === null) return null;
  if (kind === 'number') return typeof value === 'number' ? value : undefined;
  if (kind === 'text') return typeof value === 'string' ? value : undefined;
  const bytes = (value as { b64?: unknown }).b64;
  return typeof bytes === 'string' ? Buffer.from(bytes, 'base64') : undefined;
}
