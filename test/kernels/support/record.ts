/** What a client saw of a notebook, in a form in which two runs can be compared. */
import { createHash } from 'node:crypto';
import type { Message } from '../../support/jupyter.ts';
import { Normaliser } from './normalise.ts';
import type { Played } from './play.ts';

export interface CellRecord {
  readonly cell: string;
  readonly reply: unknown;
  /** Outputs in their order; what stands in a row on stdout or stderr is one text each. */
  readonly outputs: readonly unknown[];
  readonly questions: readonly unknown[];
  readonly requests: readonly unknown[];
}

export function recordOf(played: readonly Played[], messages: readonly Message[]): CellRecord[] {
  const normaliser = new Normaliser();
  const byParent = Map.groupBy(messages, (message) => message.parent_header.msg_id);
  return played.map(({ cell, id, questions, requests }) => {
    const own = byParent.get(id) ?? [];
    const iopub = own.filter((message) => message.channel === 'iopub');
    const interrupted = cell.check.interruptAfter.length > 0;
    const late = cell.check.await !== undefined || cell.check.unordered;
    return normaliser.value({
      cell: cell.id,
      reply: interrupted ? withoutTraceback(replyOf(own)) : replyOf(own),
      outputs: (late ? gathered(iopub) : inOrder(iopub)).map(interrupted ? withoutTraceback : (output) => output),
      questions: questions.map((question) => question.content),
      requests: requests.map((sent) => ({
        type: sent.request.type,
        reply: replyOf(byParent.get(sent.id) ?? [], sent.request.keysOnly),
        outputs: inOrder((byParent.get(sent.id) ?? []).filter((message) => message.channel === 'iopub')),
      })),
    }) as CellRecord;
  });
}

function replyOf(messages: readonly Message[], keysOnly = false): unknown {
  const reply = messages.find((message) => message.header.msg_type.endsWith('_reply') && message.channel !== 'iopub');
  if (reply === undefined) return undefined;
  const { header, content } = reply;
  return { type: header.msg_type, content: keysOnly ? Object.keys(content).sort() : content };
}

function inOrder(messages: readonly Message[]): unknown[] {
  const outputs: unknown[] = [];
  let streams: Record<string, string> | undefined;
  for (const message of messages) {
    if (message.header.msg_type === 'stream') {
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

/** All that was printed first, by sorted lines, then everything else in its order. */
function gathered(messages: readonly Message[]): unknown[] {
  const printed = inOrder(messages.filter((message) => message.header.msg_type === 'stream'));
  const sorted = printed.map((streams) =>
    Object.fromEntries(
      Object.entries(streams as Record<string, string>).map(([name, text]) => [name, text.split('\n').sort()]),
    ),
  );
  return [...sorted, ...inOrder(messages.filter((message) => message.header.msg_type !== 'stream'))];
}

function outputOf({ header, content, buffers }: Message): unknown {
  const type = header.msg_type;
  if (type === 'status') return content.execution_state;
  return { type, ...shortened(content), ...(buffers.length === 0 ? {} : { buffers: buffers.map(digest) }) };
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

/** Where an interrupt hit is chance. */
const withoutTraceback = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (key, item) => (key === 'traceback' ? undefined : item));

const digest = (bytes: Buffer): string =>
  `${bytes.length} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('base64url')}`;
