/** Jupyter's keyboard: which keys do what, in command mode and while writing, and how they are shown. Pure. */

/** Actions that have keys; the list of all actions is in actions.ts, which holds each of these. */
export type KeyedAction =
  | 'runNext'
  | 'runStay'
  | 'runInsert'
  | 'edit'
  | 'up'
  | 'down'
  | 'extendUp'
  | 'extendDown'
  | 'extendFirst'
  | 'extendLast'
  | 'first'
  | 'last'
  | 'selectAll'
  | 'insertAbove'
  | 'insertBelow'
  | 'cut'
  | 'copy'
  | 'paste'
  | 'pasteAbove'
  | 'undo'
  | 'redo'
  | 'delete'
  | 'toCode'
  | 'toMarkdown'
  | 'toRaw'
  | `heading${1 | 2 | 3 | 4 | 5 | 6}`
  | 'merge'
  | 'split'
  | 'moveUp'
  | 'moveDown'
  | 'interrupt'
  | 'restart'
  | 'toggleOutput'
  | 'scrollOutput'
  | 'collapse'
  | 'expand'
  | 'lineNumbers'
  | 'allLineNumbers'
  | 'scrollDown'
  | 'scrollUp'
  | 'find'
  | 'findNext'
  | 'findPrevious'
  | 'replace'
  | 'print'
  | 'palette'
  | 'help';

export interface Key {
  readonly key: string;
  readonly shift: boolean;
  /** Control, or Command on a Mac. */
  readonly mod: boolean;
  readonly alt: boolean;
}

export interface KeyResult {
  readonly action: KeyedAction | undefined;
  /** The first of two equal keys, such as `d` of `dd`, to be handed in with the next. */
  readonly prefix: string;
}

type Table = Readonly<Record<string, KeyedAction>>;

const PLAIN: Table = {
  Enter: 'edit',
  ArrowUp: 'up',
  k: 'up',
  ArrowDown: 'down',
  j: 'down',
  ArrowLeft: 'collapse',
  ArrowRight: 'expand',
  Home: 'first',
  End: 'last',
  a: 'insertAbove',
  b: 'insertBelow',
  x: 'cut',
  c: 'copy',
  v: 'paste',
  z: 'undo',
  y: 'toCode',
  m: 'toMarkdown',
  r: 'toRaw',
  1: 'heading1',
  2: 'heading2',
  3: 'heading3',
  4: 'heading4',
  5: 'heading5',
  6: 'heading6',
  o: 'toggleOutput',
  l: 'lineNumbers',
  f: 'find',
  p: 'palette',
  h: 'help',
  '?': 'help',
  ' ': 'scrollDown',
};
const SHIFT: Table = {
  Enter: 'runNext',
  ArrowUp: 'extendUp',
  k: 'extendUp',
  ArrowDown: 'extendDown',
  j: 'extendDown',
  Home: 'extendFirst',
  End: 'extendLast',
  v: 'pasteAbove',
  z: 'redo',
  m: 'merge',
  o: 'scrollOutput',
  l: 'allLineNumbers',
  '?': 'help',
  ' ': 'scrollUp',
};
const MOD: Table = { Enter: 'runStay', a: 'selectAll', z: 'undo', y: 'redo' };
const MOD_SHIFT: Table = { z: 'redo', ArrowUp: 'moveUp', ArrowDown: 'moveDown' };
const ALT: Table = { Enter: 'runInsert', ArrowUp: 'moveUp', ArrowDown: 'moveDown' };
const TWICE: Table = { d: 'delete', i: 'interrupt', 0: 'restart' };

/** These work wherever the focus is in the page, in a cell's text and in the find panel too. */
const ANYWHERE: Readonly<Record<string, Table>> = {
  mod: { f: 'find', h: 'replace', g: 'findNext', p: 'print' },
  modShift: { p: 'palette', c: 'palette', f: 'palette', g: 'findPrevious' },
  plain: { F3: 'findNext' },
  shift: { F3: 'findPrevious' },
};

const nameOf = (key: string): string => (key.length === 1 ? key.toLowerCase() : key);
const found = (table: Table | undefined, name: string): KeyedAction | undefined =>
  table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;

export function anywhereKey({ key, shift, mod, alt }: Key): KeyedAction | undefined {
  if (alt) return undefined;
  return found(ANYWHERE[mod ? (shift ? 'modShift' : 'mod') : shift ? 'shift' : 'plain'], nameOf(key));
}

export function commandKey(pressed: Key, prefix: string): KeyResult {
  const { key, shift, mod, alt } = pressed;
  const name = nameOf(key);
  const only = (action: KeyedAction | undefined): KeyResult => ({ action, prefix: '' });
  const anywhere = anywhereKey(pressed);
  if (anywhere !== undefined) return only(anywhere);
  if (alt) return only(mod || shift ? undefined : found(ALT, name));
  if (mod) return only(found(shift ? MOD_SHIFT : MOD, name));
  if (shift) return only(found(SHIFT, name));
  if (!Object.hasOwn(TWICE, name)) return only(found(PLAIN, name));
  return prefix === name ? only(TWICE[name]) : { action: undefined, prefix: name };
}

const SHOWN: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  ' ': 'Space',
};
const show = (name: string): string => SHOWN[name] ?? (name.length === 1 ? name.toUpperCase() : name);

/** Keys of the text editor that are more than its own; code-editor.ts binds them. */
export const EDIT_KEYS: readonly (readonly [keys: string, action: KeyedAction])[] = [['Ctrl+Shift+-', 'split']];

/** All keys of each action, as they are shown. */
const KEYS = ((): ReadonlyMap<KeyedAction, readonly string[]> => {
  const all = new Map<KeyedAction, string[]>();
  const add = (table: Table | undefined, before: string) => {
    for (const [name, action] of Object.entries(table ?? {}))
      all.set(action, [...(all.get(action) ?? []), `${before}${show(name)}`]);
  };
  add(PLAIN, '');
  add(SHIFT, 'Shift+');
  add(MOD, 'Ctrl+');
  add(MOD_SHIFT, 'Ctrl+Shift+');
  add(ALT, 'Alt+');
  for (const [name, action] of Object.entries(TWICE)) all.set(action, [`${show(name)} ${show(name)}`]);
  add(ANYWHERE['mod'], 'Ctrl+');
  add(ANYWHERE['modShift'], 'Ctrl+Shift+');
  add(ANYWHERE['plain'], '');
  add(ANYWHERE['shift'], 'Shift+');
  for (const [keys, action] of EDIT_KEYS) all.set(action, [...(all.get(action) ?? []), keys]);
  return all;
})();

export const keysOf = (action: string): readonly string[] => KEYS.get(action as KeyedAction) ?? [];
