/** Plain values out of a shared document. Other programs nest shared types where we have plain objects; both are read. Pure. */
import * as Y from 'yjs';
import type { Json } from '../../wire/notebook.ts';
import { storable, storableObject, storableText } from '../../wire/notebook-values.ts';

/** Shared types and what they hold as JSON. `Y.Map.toJSON` is not used: it assigns keys, `__proto__` among them. */
function unshared(value: unknown): unknown {
  if (value instanceof Y.Text) return value.toString();
  if (value instanceof Y.Array) return value.toArray().map(unshared);
  if (value instanceof Y.Map)
    return Object.fromEntries([...value.entries()].map(([key, item]) => [key, unshared(item)]));
  return value;
}

export const plainOf = (value: unknown): unknown => storable(unshared(value));

export const objectOf = (value: unknown): Json => storableObject(unshared(value));

/** Text of a source or a stream, whether shared, plain or in lines; empty for what is none. */
export function textOf(value: unknown): string {
  const plain = unshared(value);
  return typeof plain === 'string' || Array.isArray(plain) ? storableText(plain) : '';
}

/** Whether somebody deleted this part of the document, or what holds it. */
export const isGone = (type: Y.Map<unknown>): boolean => type._item?.deleted ?? true;

/** The outputs of a cell that are shared maps. */
export function outputsOf(cell: Y.Map<unknown> | undefined): Y.Map<unknown>[] {
  const outputs = cell?.get('outputs');
  return outputs instanceof Y.Array ? outputs.toArray().filter((output) => output instanceof Y.Map) : [];
}
