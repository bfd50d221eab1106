/** What the runner reads in a kernel's messages. They come out of a sandbox: everything is checked, nothing is believed. Pure. */
import { splitV1 } from '../../wire/jupyter-v1.ts';
import type { KernelMessage } from '../../wire/kernel-message.ts';
import { type PostMortem, readPostMortem } from '../../wire/memory-facts.ts';
import { parseSmallObject } from '../../wire/message-parts.ts';
import type { ReplyStatus } from './state.ts';

/** Changes of a cell's outputs; these are not to be applied twice. */
const OUTPUTS: ReadonlySet<string> = new Set([
  'stream',
  'display_data',
  'execute_result',
  'error',
  'clear_output',
  'update_display_data',
]);
/** Names of the errors that the gateway itself answers for a kernel (`kernel/failures.ts`, `kernel/registry.ts`). */
const FAILURES: ReadonlySet<string> = new Set([
  'KernelDied',
  'KernelDead',
  'KernelShutDown',
  'OutOfMemory',
  'SandboxEnded',
  'CellTooLong',
]);
const LONGEST_DATE = 40;
const LONGEST_PROMPT = 10_000;
/** Characters that a kernel may put into a cell. */
const LONGEST_INPUT = 1_000_000;
const NOTICE = '[Carrel] ';

export const changesOutputs = (type: string): boolean => OUTPUTS.has(type);

export interface RunId {
  readonly cell: string;
  readonly number: number;
}

/** The cell that a run's msg_id names, `CELL_NUMBER`. */
export function readRun(id: unknown): RunId | undefined {
  const [, cell, number] = (typeof id === 'string' && /^(.+)_(\d{1,15})$/s.exec(id)) || [];
  return cell === undefined ? undefined : { cell, number: Number(number) };
}

/** ISO 8601; undefined where it is none. */
export function readDate(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > LONGEST_DATE || Number.isNaN(Date.parse(value))) return undefined;
  return value;
}

/** When the kernel began to work on the request of this reply, as ipykernel and carrel_kernel say it. */
export function startedOf(reply: KernelMessage): string | undefined {
  return readDate(parseSmallObject(splitV1(reply.toV1()).parts.metadata)?.['started']);
}

export function readCount(content: Readonly<Record<string, unknown>>): number | undefined {
  const count = content['execution_count'];
  return Number.isSafeInteger(count) && Number(count) >= 0 ? Number(count) : undefined;
}

export function readStatus(content: Readonly<Record<string, unknown>>): ReplyStatus {
  const { status } = content;
  if (status === 'ok') return 'ok';
  return status === 'aborted' || status === 'abort' ? 'aborted' : 'error';
}

export function readPrompt(content: Readonly<Record<string, unknown>>): { prompt: string; password: boolean } {
  const { prompt, password } = content;
  return { prompt: typeof prompt === 'string' ? prompt.slice(0, LONGEST_PROMPT) : '', password: password === true };
}

/** What `obj?` and `%pinfo` show: mime bundles that a front end without a pager puts under the cell. */
export function readPages(content: Readonly<Record<string, unknown>>): object[] {
  const { payload } = content;
  if (!Array.isArray(payload)) return [];
  return payload.flatMap((item: unknown) => {
    if (typeof item !== 'object' || item === null || !('source' in item) || item.source !== 'page') return [];
    const data = 'data' in item ? item.data : undefined;
    return typeof data === 'object' && data !== null && !Array.isArray(data) ? [data] : [];
  });
}

export interface NextInput {
  readonly text: string;
  /** In the place of the cell that ran; otherwise below it. */
  readonly replace: boolean;
}

/** The last one counts, as in Jupyter, where each takes the place of the one before. */
export function readNextInput(content: Readonly<Record<string, unknown>>): NextInput | undefined {
  const { payload } = content;
  if (!Array.isArray(payload)) return undefined;
  const found: unknown = payload.findLast((item) => item?.source === 'set_next_input');
  if (typeof found !== 'object' || found === null || !('text' in found) || typeof found.text !== 'string')
    return undefined;
  if (found.text.length > LONGEST_INPUT) return undefined;
  return { text: found.text.toWellFormed(), replace: 'replace' in found && found.replace === true };
}

/** What the gateway knows about memory that ran out, beside the error that it made for a kernel. */
export function postMortemOf(error: KernelMessage): PostMortem | undefined {
  const about: unknown = parseSmallObject(splitV1(error.toV1()).parts.metadata)?.['carrel'];
  return typeof about === 'object' && about !== null && 'postMortem' in about
    ? readPostMortem(about.postMortem)
    : undefined;
}

/** Why the kernel is no more, where the gateway has put it into an answer. */
export function readFailure(content: Readonly<Record<string, unknown>>): string | undefined {
  const { ename, evalue } = content;
  return typeof ename === 'string' && FAILURES.has(ename) && typeof evalue === 'string' ? evalue : undefined;
}

/** A notice of the gateway that belongs to no cell: why the kernel is about to be ended. */
export function readNotice(message: KernelMessage): string | undefined {
  const { text } = message.content;
  if (message.header.msg_type !== 'stream' || typeof text !== 'string' || !text.startsWith(NOTICE)) return undefined;
  return text.slice(NOTICE.length).trim();
}
