/**
 * Colours and the like (SGR). A style is the parameters that make it out of none, in one fixed order: "1;31", empty for none. Equal
 * looks are equal strings. Pure.
 */
const SETS: Readonly<Record<number, string>> = {
  1: 'bold',
  2: 'faint',
  3: 'italic',
  4: 'underline',
  5: 'blink',
  6: 'blink',
  7: 'inverse',
  8: 'hidden',
  9: 'strike',
  21: 'underline',
  53: 'overline',
};
const ENDS: Readonly<Record<number, readonly string[]>> = {
  22: ['bold', 'faint'],
  23: ['italic'],
  24: ['underline'],
  25: ['blink'],
  27: ['inverse'],
  28: ['hidden'],
  29: ['strike'],
  39: ['38'],
  49: ['48'],
  55: ['overline'],
  59: ['58'],
};
const ORDER = [...new Set(Object.values(SETS)), '38', '48', '58'];
/** Programs use few styles; one that makes up new ones without end starts this anew. */
const REMEMBERED = 4096;
const LONGEST_KEY = 256;
const memory = new Map<string, string>();

/** What `style` becomes by `ESC [ params m`. */
export function restyled(style: string, params: string): string {
  const key = `${style}m${params}`;
  const known = memory.get(key);
  if (known !== undefined) return known;
  const slots = new Map<string, string>();
  apply(slots, style === '' ? '0' : style);
  apply(slots, params);
  const result = ORDER.flatMap((slot) => slots.get(slot) ?? []).join(';');
  if (memory.size >= REMEMBERED) memory.clear();
  if (key.length <= LONGEST_KEY) memory.set(key, result);
  return result;
}

function apply(slots: Map<string, string>, params: string): void {
  const list = params.split(';').flatMap(withoutColons);
  for (let at = 0; at < list.length; at += 1) {
    const code = list[at] ?? 0;
    if (code === 0) slots.clear();
    else if (SETS[code] !== undefined) slots.set(SETS[code], String(code));
    else if (ENDS[code] !== undefined) for (const slot of ENDS[code]) slots.delete(slot);
    else if (code === 38 || code === 48 || code === 58) {
      const length = list[at + 1] === 5 ? 3 : list[at + 1] === 2 ? 5 : 0;
      const colour = list.slice(at, at + length);
      if (length === 0 || colour.length < length || colour.some((part) => !(part <= 255))) return;
      slots.set(String(code), colour.join(';'));
      at += length - 1;
    } else if (is(code, 30) || is(code, 90)) slots.set('38', String(code));
    else if (is(code, 40) || is(code, 100)) slots.set('48', String(code));
  }
}

const is = (code: number, first: number): boolean => code >= first && code < first + 8;

/** `38:2::1:2:3` is `38;2;1;2;3`, `4:3` is an underline and `4:0` its end; what is no number is NaN, which means nothing. */
function withoutColons(param: string): number[] {
  if (!param.includes(':')) return [param === '' ? 0 : /^\d{1,3}$/.test(param) ? Number(param) : Number.NaN];
  const [code = 0, kind = 0, ...more] = param.split(':').map(Number);
  if (code === 4) return [kind === 0 ? 24 : 4];
  return [code, kind, ...more.slice(kind === 2 ? -3 : 0)];
}
