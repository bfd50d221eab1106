/** Paths of a worksheet's files: what is one, which are kept, and how sizes are told. Used by the gateway and its pages. Pure. */

/** Bytes in UTF-8, as the agent has it (AF25). */
const LONGEST_PATH = 1024;
const LONGEST_NAME = 255;
const DEEPEST = 32;
/** Control characters, and those that turn the direction of what follows: a name is shown to people. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
const bytes = new TextEncoder();

/** Why this is no path of a file that can be kept; undefined where it is one. Completes "NAME: …". */
export function pathProblem(path: string): string | undefined {
  const names = path.split('/');
  if (path === '') return 'a file has a name';
  if (!path.isWellFormed() || UNSEEN.test(path)) return 'its name holds characters that cannot be shown';
  if (names.length > DEEPEST) return `it lies deeper than ${DEEPEST} folders`;
  if (names.some((name) => name === '' || name === '..')) return 'its path has a part without a name';
  if (names.some((name) => name.startsWith('.'))) return 'names that begin with a dot are not kept';
  if (names.includes('__pycache__')) return 'what is in __pycache__ is not kept';
  const long = bytes.encode(path).length > LONGEST_PATH;
  if (long || names.some((name) => bytes.encode(name).length > LONGEST_NAME)) return 'its name is too long';
  return undefined;
}

export const nameOfPath = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `1.2 GiB`, with at most one decimal. */
export function sizeText(size: number): string {
  let unit = 'B';
  let amount = size;
  for (const larger of UNITS) {
    if (amount < 1024) break;
    unit = larger;
    amount /= 1024;
  }
  return `${Number(amount.toFixed(amount < 10 && unit !== 'B' ? 1 : 0))} ${unit}`;
}
