/** What reading, writing and running share about a notebook's values: mime types, ids, text that UTF-8 can hold. Pure. */
import type { Json, MimeBundle } from './notebook-model.ts';

const CELL_ID = /^[a-zA-Z0-9_-]{1,64}$/;
export const isCellId = (value: unknown): value is string => typeof value === 'string' && CELL_ID.test(value);

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isTextList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((line) => typeof line === 'string');

export const isCount = (value: unknown): value is number | null =>
  value === null || (Number.isSafeInteger(value) && (value as number) >= 0);

/** Types whose values are JSON themselves and are neither joined nor split (nbformat, v4/rwbase.py). */
export const isJsonMime = (mime: string): boolean => /^application\/(.*\+)?json$/s.test(mime);

/** Text that is split into lines in a file; other text, base64 among it, is one string (nbformat, v4/rwbase.py). */
export const isLinedMime = (mime: string): boolean =>
  mime.startsWith('text/') || mime === 'application/javascript' || mime === 'image/svg+xml';

/** These say how a notebook was opened, not what it is; no file should hold them (nbformat, v4/rwbase.py). */
export const TRANSIENT_OF_NOTEBOOK = ['orig_nbformat', 'orig_nbformat_minor', 'signature'];
export const TRANSIENT_OF_CELL = ['trusted'];

export const without = (object: Json, keys: readonly string[]): Json =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));

/** Setting it would change an object's prototype in Yjs, which fills objects by assignment. */
export const FORBIDDEN_KEY = '__proto__';

/** Eight hexadecimal digits, as nbformat makes them, that are not in `taken`; they are there afterwards. */
export function newCellId(taken: Set<string>): string {
  for (;;) {
    const bytes = crypto.getRandomValues(new Uint8Array(4));
    const id = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    if (taken.has(id)) continue;
    taken.add(id);
    return id;
  }
}

/**
 * JSON with what cannot be stored taken out: halves of surrogate pairs become U+FFFD, as in every UTF-8 file, and the key
 * `__proto__` and what JSON does not have are left out. For values of kernels and browsers, which are not told.
 */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => storable(item) ?? null);
  if (!isObject(value)) return undefined;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => key !== FORBIDDEN_KEY && item !== undefined)
      .map(([key, item]) => [key.toWellFormed(), storable(item)])
      .filter(([, item]) => item !== undefined),
  );
}

export function storableObject(value: unknown): Json {
  return isObject(value) ? (storable(value) as Json) : {};
}

/** A bundle as the format wants it whatever it was: lines joined, what is no text in a text's place written as JSON. */
export function storableBundle(value: unknown): MimeBundle {
  return Object.fromEntries(
    Object.entries(storableObject(value)).map(([mime, item]) => [mime, isJsonMime(mime) ? item : storableText(item)]),
  );
}

export function storableText(value: unknown): string {
  if (typeof value === 'string') return value.toWellFormed();
  if (isTextList(value)) return value.join('').toWellFormed();
  return JSON.stringify(storable(value) ?? null);
}
