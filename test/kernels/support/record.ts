/** What a client saw of a notebook, in a form in which two runs can be compared. */
import { createHash } from 'node:crypto';
import type { Message } from '../../support/jupyter.ts';
import { Normaliser } from './normalise.ts';
import type { Played } from './play.ts';

export interface CellRecord {
  readonly cell: string;
  readonly reply: unknown;
  /** In their order; what stands in a row on stdout or stderr is one text each. */
  readonly outputs: readonly unknown[];
  /** Messages of comms have an order of their own: ipykernel sends them ahead of what was printed before. */
  readonly comms: readonly unknown[];
  readonly questions: readonly unknown[];
  readonly requests: readonly RequestRecord[];
}

interface RequestRecord {
  readonly type: string;
  readonly reply: unknown;
  readonly outputs: readonly unknown[];
  readonly comms: readonly unknown[];
}

export function recordOf(played: readonly Played[], messages: readonly Message[]): CellRecord[] {
  const normaliser = new Normaliser();
  const byParent = Map.groupBy(messages, (message) => message.parent_header.msg_id);
  return played.map(({ cell, id, questions, requests }) => {
    const own = byParent.get(id) ?? [];
    const { await: late, unordered, interruptAfter } = cell.check;
    const record = {
      cell: cell.id,
      reply: replyOf(own),
      ...published(own, late !== undefined || unordered, normaliser),
      questions: questions.map((question) => question.content),
      requests: requests.map(({ request, id: sent }) => {
        const answers = byParent.get(sent) ?? [];
        return {
          type: request.type,
          reply: replyOf(answers, request.keysOnly),
          ...published(answers, false, normaliser),
        };
      }),
    };
    return normaliser.value(interruptAfter.length > 0 ? withoutTraceback(record) : record) as CellRecord;
  });
}

function replyOf(messages: readonly Message[], keysOnly = false): unknown {
  const reply = messages.find((message) => message.header.msg_type.endsWith('_reply') && message.channel !== 'iopub');
  if (reply === undefined) return undefined;
  // What ipykernel adds for ipyparallel, by its own word to be removed.
  const { engine_info: _, ...content } = reply.content;
  return { type: reply.header.msg_type, content: keysOnly ? Object.keys(content).sort() : withoutKernel(content) };
}

/** `gathered`: lines of all streams sorted and before everything else, for cells whose threads and processes print when they like. */
function published(
  messages: readonly Message[],
  gathered: boolean,
  normaliser: Normaliser,
): { outputs: unknown[]; comms: unknown[] } {
  const iopub = messages.filter((message) => message.channel === 'iopub');
  const comms = iopub.filter(isComm).map(outputOf);
  const others = iopub.filter((message) => !isComm(message));
  if (!gathered) return { outputs: inOrder(others), comms };
  const [texts = {}] = inOrder(others.filter(isStream)) as Record<string, string>[];
  const lines = Object.entries(texts).map(([name, text]) => [name, normaliser.text(text).split('\n').sort()]);
  return { outputs: [Object.fromEntries(lines), ...inOrder(others.filter((message) => !isStream(message)))], comms };
}

const isComm = ({ header }: Message): boolean => header.msg_type.startsWith('comm_');
const isStream = ({ header }: Message): boolean => header.msg_type === 'stream';

function inOrder(messages: readonly Message[]): unknown[] {
  const outputs: unknown[] = [];
  let streams: Record<string, string> | undefined;
  for (const message of messages) {
    if (isStream(message)) {
      const { name, text } = message.content;
      if (streams === undefined) {
        streams = {};
        outputs.push(streams);
      }
      streams[name] = (streams[name] ?? '') + text;
    } else {
      streams = undefined;
      outputs.push(outputOf(message));
    }
  }
  return outputs;
}

function outputOf({ header, content, buffers }: Message): unknown {
  const type = header.msg_type;
  if (type === 'status') return content.execution_state;
  const extra = buffers.length === 0 ? {} : { buffers: buffers.map(digest) };
  return { type, ...shortened(withoutKernel(content)), ...extra };
}

/** A picture that differs should not fill the screen with its bytes. */
function shortened(content: { data?: Record<string, unknown> }): object {
  if (content.data === undefined) return content;
  const data = Object.entries(content.data).map(([type, value]) => [
    type,
    typeof value === 'string' && value.length > 20_000 ? digest(Buffer.from(value)) : value,
  ]);
  return { ...content, data: Object.fromEntries(data) };
}

/** Leaves out the frames of the kernels themselves: ipykernel's are in its tracebacks, Carrel's kernel leaves out its own. */
function withoutKernel<T extends { traceback?: string[] }>(content: T): T {
  if (!Array.isArray(content.traceback)) return content;
  return { ...content, traceback: content.traceback.filter((frame) => !KERNEL.test(frame)) };
}

const KERNEL = /^File \S*\/(?:ipykernel|carrel_agent|carrel_kernel)\/\w+\.py/;

/** Where an interrupt hit is chance. */
const withoutTraceback = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (key, item) => (key === 'traceback' ? undefined : item));

const digest = (bytes: Buffer): string =>
  `${bytes.length} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('base64url')}`;
