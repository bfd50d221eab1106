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

/** Hyperlinks lose their address, other sequences that do not colour are left out. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const NO_COLOUR = /\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|\[[\d;?]*[A-HJKSTfhlnsu]|[()][A-Z0-9]|[=>])/g;

/** `\r` overwrites its line from the start, `\b` goes back by one. */
export function overwrite(text: string): string {
  const unix = text.replace(/\r+\n/g, '\n');
  if (!/[\r\b]/.test(unix)) return unix;
  return unix.split('\n').map(overwriteLine).join('\n');
}

function overwriteLine(line: string): string {
  if (!/[\r\b]/.test(line)) return line;
  let shown: string[] = [];
  let at = 0;
  for (const part of line.split(/([\r\b])/)) {
    if (part === '\r') at = 0;
    else if (part === '\b') at = Math.max(0, at - 1);
    else {
      const characters = cellsOf(part);
      shown = [...shown.slice(0, at), ...characters, ...shown.slice(at + characters.length)];
      at += characters.length;
    }
  }
  return shown.join('');
}

/** Characters with the colours before them, so that overwriting counts what is seen. */
const cellsOf = (part: string): string[] => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
  const rest = /(?:\x1b\[[\d;]*m)+$/.exec(part)?.[0] ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
  const cells: string[] = part.slice(0, part.length - rest.length).match(/(?:\x1b\[[\d;]*m)*[^\x1b]/gu) ?? [];
  const last = cells.length - 1;
  return last >= 0 ? cells.with(last, `${cells[last]}${rest}`) : [];
};

export function pieces(text: string): Piece[] {
  const entries = Anser.ansiToJson(overwrite(text).replace(NO_COLOUR, ''), { use_classes: true, remove_empty: true });
  return entries.map((entry) => {
    const background = named(entry.bg, 'bg');
    const colours = [named(entry.fg, 'fg'), background].filter((name) => name !== '');
    return {
      text: entry.content,
      classes: [...colours, ...entry.decorations].join(' '),
      /** An exact colour was chosen for the exact background of some theme; on a named one of ours it may be invisible. */
      colour: background === '' ? exact(entry.fg_truecolor, entry.fg) : undefined,
      background: exact(entry.bg_truecolor, entry.bg),
    };
  });
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
