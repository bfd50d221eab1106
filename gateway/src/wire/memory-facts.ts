/**
 * What is told about a sandbox whose memory runs short, and about one in which it ran out. Kernels and notebooks say these things too,
 * so everything is read with care. Pure, and free of packages: the page reads it as well.
 */

/** A variable of the kernel; bytes. */
export interface VariableSize {
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

/** Why no variables are known: the kernel cannot tell them, or memory was gone before it could be asked. */
export type UnknownVariables = 'kernel' | 'sudden';

/** Bytes. */
export interface PostMortem {
  readonly policy: string;
  readonly limit: number;
  /** The highest use of the sandbox, 0 where nobody saw it. */
  readonly peak: number;
  /** The largest, as they were when memory had passed 80 % of its limit; empty where none is larger than 1 MiB. */
  readonly variables: readonly VariableSize[] | UnknownVariables;
  /** Whether another kernel was started in its place. */
  readonly again: boolean;
}

/** Type of the output that holds a post-mortem. */
export const POST_MORTEM = 'application/vnd.carrel.post-mortem+json';

const MOST = 10;
const LONGEST = 80;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const words = (value: unknown): string =>
  typeof value === 'string'
    ? value
        .slice(0, LONGEST)
        .toWellFormed()
        .replace(/\p{Cc}/gu, '\ufffd')
    : '';

const bytes = (value: unknown): number => (Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : 0);

/** At most ten; what is none is left out. */
export function readVariables(value: unknown): VariableSize[] {
  if (!Array.isArray(value)) return [];
  return value
    .slice(0, MOST)
    .filter(isObject)
    .map(({ name, type, size }) => ({ name: words(name), type: words(type), size: bytes(size) }))
    .filter(({ name, size }) => name !== '' && size > 0);
}

/** Undefined for what is none. */
export function readPostMortem(value: unknown): PostMortem | undefined {
  if (!isObject(value)) return undefined;
  const { policy, limit, peak, variables, again } = value;
  if (bytes(limit) === 0) return undefined;
  const known = variables === 'kernel' || variables === 'sudden' ? variables : readVariables(variables);
  return { policy: words(policy), limit: bytes(limit), peak: bytes(peak), variables: known, again: again === true };
}

/** "512 MiB", "1.5 GiB". */
export function sizeText(size: number): string {
  const [unit, name] = size >= 2 ** 30 ? [2 ** 30, 'GiB'] : size >= 2 ** 20 ? [2 ** 20, 'MiB'] : [2 ** 10, 'KiB'];
  const value = size / (unit as number);
  return `${value >= 10 ? Math.round(value) : Math.round(value * 10) / 10} ${name}`;
}

/** For programs that show plain text only. */
export function postMortemText({ policy, limit, peak, variables, again }: PostMortem): string {
  const used = peak > 0 ? `, the highest use was ${sizeText(peak)}` : '';
  const lines = [
    'The kernel ran out of memory and was ended.',
    `Limit: ${sizeText(limit)} (policy ${policy})${used}.`,
    'Safe: the worksheet with its text, code and outputs, and its kept files.',
    `Gone: all variables, and files that are not kept.${again ? ' Another kernel has been started.' : ''}`,
  ];
  if (variables === 'kernel') lines.push('Largest variables: not known, this kernel cannot tell them.');
  else if (variables === 'sudden')
    lines.push('Largest variables: not known, memory was gone before they could be asked for.');
  else if (variables.length > 0) {
    lines.push('Largest variables, shortly before:');
    for (const { name, type, size } of variables) lines.push(`  ${sizeText(size).padStart(9)}  ${name}  (${type})`);
  } else lines.push('No variable was larger than 1 MiB: child processes and files in memory count too.');
  return `${lines.join('\n')}\n`;
}
