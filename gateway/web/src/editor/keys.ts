/** Jupyter's keyboard in command mode: pure. */

export type CommandAction =
  | 'runNext'
  | 'runStay'
  | 'runInsert'
  | 'edit'
  | 'up'
  | 'down'
  | 'extendUp'
  | 'extendDown'
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
  | 'moveUp'
  | 'moveDown'
  | 'interrupt'
  | 'restart'
  | 'toggleOutput'
  | 'help';

export interface Key {
  readonly key: string;
  readonly shift: boolean;
  /** Control, or Command on a Mac. */
  readonly mod: boolean;
  readonly alt: boolean;
}

export interface KeyResult {
  readonly action: CommandAction | undefined;
  /** The first of two equal keys, such as `d` of `dd`, to be handed in with the next. */
  readonly prefix: string;
}

const PLAIN: Readonly<Record<string, CommandAction>> = {
  Enter: 'edit',
  ArrowUp: 'up',
  k: 'up',
  ArrowDown: 'down',
  j: 'down',
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
  h: 'help',
  '?': 'help',
};
const SHIFT: Readonly<Record<string, CommandAction>> = {
  Enter: 'runNext',
  ArrowUp: 'extendUp',
  k: 'extendUp',
  ArrowDown: 'extendDown',
  j: 'extendDown',
  v: 'pasteAbove',
  z: 'redo',
  m: 'merge',
  '?': 'help',
};
const MOD: Readonly<Record<string, CommandAction>> = { Enter: 'runStay', a: 'selectAll', z: 'undo', y: 'redo' };
const ALT: Readonly<Record<string, CommandAction>> = { Enter: 'runInsert', ArrowUp: 'moveUp', ArrowDown: 'moveDown' };
const TWICE: Readonly<Record<string, CommandAction>> = { d: 'delete', i: 'interrupt', 0: 'restart' };

export function commandKey({ key, shift, mod, alt }: Key, prefix: string): KeyResult {
  const name = key.length === 1 ? key.toLowerCase() : key;
  const only = (table: Readonly<Record<string, CommandAction>>): KeyResult => ({
    action: Object.hasOwn(table, name) ? table[name] : undefined,
    prefix: '',
  });
  if (mod && alt) return { action: undefined, prefix: '' };
  if (mod && shift) return { action: name === 'z' ? 'redo' : undefined, prefix: '' };
  if (mod) return only(MOD);
  if (alt) return shift ? { action: undefined, prefix: '' } : only(ALT);
  if (shift) return only(SHIFT);
  if (!Object.hasOwn(TWICE, name)) return only(PLAIN);
  return prefix === name ? { action: TWICE[name], prefix: '' } : { action: undefined, prefix: name };
}

/** What the list of keys shows; the names are those of the texts' `keyHelp`. */
export const KEY_HELP = {
  both: [
    ['Shift+Enter', 'runNext'],
    ['Ctrl+Enter', 'runStay'],
    ['Alt+Enter', 'runInsert'],
  ],
  command: [
    ['Enter', 'edit'],
    ['↑ K', 'up'],
    ['↓ J', 'down'],
    ['Shift+↑ ↓', 'extend'],
    ['Ctrl+A', 'selectAll'],
    ['A', 'above'],
    ['B', 'below'],
    ['X', 'cut'],
    ['C', 'copy'],
    ['V', 'paste'],
    ['Z', 'undo'],
    ['D D', 'delete'],
    ['Y', 'toCode'],
    ['M', 'toMarkdown'],
    ['R', 'toRaw'],
    ['1 … 6', 'heading'],
    ['Shift+M', 'merge'],
    ['Alt+↑ ↓', 'move'],
    ['I I', 'interrupt'],
    ['0 0', 'restart'],
    ['O', 'output'],
    ['H', 'help'],
  ],
  edit: [
    ['Esc', 'command'],
    ['Tab', 'complete'],
    ['Shift+Tab', 'inspect'],
    ['Ctrl+Shift+-', 'split'],
    ['Ctrl+/', 'comment'],
    ['Ctrl', 'cursors'],
  ],
} as const;
