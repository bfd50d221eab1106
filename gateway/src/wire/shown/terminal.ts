/**
 * Text as a terminal shows it: pure. The gateway applies carriage returns to what kernels print; notebooks that were made
 * elsewhere still have them.
 */
import Anser from 'anser';

export interface Piece {
  readonly text: string;
  /** Of the style sheet: `ansi-red-fg`, `bold`, … */
  readonly classes: string;
  /** Of the 256 and 16 million colours, as `rgb(…)`. */
  readonly colour: string | undefined;
  readonly background: string | undefined;
}

/**
 * Hyperlinks lose their address, other sequences that do not colour are left out; so is what only begins as one. No colour
 * needs 100 characters.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const NO_COLOUR = /\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|\[(?![\d;]{0,100}m)(?:[ -?]*[@-~])?|[()][A-Z0-9]|[=>])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const COLOUR = /\x1b\[([\d;]{0,100}m)/;

/** `\r` overwrites its line from the start, `\b` goes back by one. */
export function overwrite(text: string): string {
  /** Without the look behind, each `\r` of a run would be tried as its first. */
  const unix = text.replace(/(?<!\r)\r+\n/g, '\n');
  if (!/[\r\b]/.test(unix)) return unix;
  return unix.split('\n').map(overwriteLine).join('\n');
}

function overwriteLine(line: string): string {
  if (!/[\r\b]/.test(line)) return line;
  const shown: string[] = [];
  let at = 0;
  for (const part of line.split(/([\r\b])/)) {
    if (part === '\r') at = 0;
    else if (part === '\b') at = Math.max(0, at - 1);
    else
      for (const cell of cellsOf(part)) {
        shown[at] = cell;
        at += 1;
      }
  }
  return shown.join('');
}

/** Characters with the colours before them, so that overwriting counts what is seen; the last one has those behind it too. */
function cellsOf(part: string): string[] {
  const cells: string[] = [];
  let colours = '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  for (const token of part.match(/\x1b\[[\d;]*m|[^\x1b]/gu) ?? []) {
    if (token.startsWith('\x1b')) colours += token;
    else {
      cells.push(colours + token);
      colours = '';
    }
  }
  const last = cells.length - 1;
  if (last >= 0 && colours !== '') cells[last] += colours;
  return cells;
}

/** Anser appends a decoration with every code that asks for it, even where it is on, and reverses as often. */
class Colours extends Anser {
  declare decorations: Anser.DecorationName[];

  override processChunkJson(...given: Parameters<Anser['processChunkJson']>): Anser.AnserJsonEntry {
    const entry = super.processChunkJson(...given);
    this.decorations = [...new Set(this.decorations)];
    return { ...entry, decorations: [...new Set(entry.decorations)] };
  }

  /** `part` is one sequence without its `\x1b[`, and the text behind it. */
  read(part: string): Anser.AnserJsonEntry {
    return this.processChunk(part, { json: true, use_classes: true }, true);
  }
}

/** In time that grows with the text, whatever is in it: a notebook of somebody else must not freeze the page. */
export function pieces(text: string): Piece[] {
  const colours = new Colours();
  const [plain = '', ...parts] = overwrite(text.replace(NO_COLOUR, '')).split(COLOUR);
  const found: Piece[] = [{ text: plain, classes: '', colour: undefined, background: undefined }];
  for (let at = 0; at < parts.length; at += 2) found.push(piece(colours.read(`${parts[at]}${parts[at + 1]}`)));
  return found.filter((each) => each.text !== '');
}

function piece(entry: Anser.AnserJsonEntry): Piece {
  const background = named(entry.bg, 'bg');
  const colours = [named(entry.fg, 'fg'), background].filter((name) => name !== '');
  return {
    text: entry.content,
    classes: [...colours, ...entry.decorations].join(' '),
    /** An exact colour was chosen for the exact background of some theme; on a named one of ours it may be invisible. */
    colour: background === '' ? exact(entry.fg_truecolor, entry.fg) : undefined,
    background: exact(entry.bg_truecolor, entry.bg),
  };
}

const named = (name: string | null, where: 'fg' | 'bg'): string =>
  /^ansi-(bright-)?(black|red|green|yellow|blue|magenta|cyan|white)$/.test(name ?? '') ? `${name}-${where}` : '';

/** Numbers that the kernel chose, taken only where they are three of them, and the 240 colours of terminals' palette. */
function exact(given: string | null, name: string | null): string | undefined {
  const index = Number(/^ansi-palette-(\d{1,3})$/.exec(name ?? '')?.[1] ?? Number.NaN);
  if (index >= 232)
    return `rgb(${Array(3)
      .fill(8 + (index - 232) * 10)
      .join(', ')})`;
  if (index >= 16) return `rgb(${[36, 6, 1].map((step) => LEVELS[Math.floor((index - 16) / step) % 6]).join(', ')})`;
  return name === 'ansi-truecolor' && /^\d{1,3}, ?\d{1,3}, ?\d{1,3}$/.test(given ?? '') ? `rgb(${given})` : undefined;
}

const LEVELS = [0, 95, 135, 175, 215, 255];
