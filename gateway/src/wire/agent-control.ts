/** Control bodies of docs/spec/agent-stream.md, both directions. What comes from an agent is hostile until it is parsed here. */
import { z } from 'zod';
import { FrameViolation } from './agent-violation.ts';
import { isShallow, JsonError, scanObject } from './json-scan.ts';

/** AF7. */
const DEEPEST = 32;
const utf8 = new TextDecoder('utf-8', { fatal: true });

const whole = z.int().nonnegative();
/** Shown to people and logged: a control character (a terminal's escape among them) has no business in it. */
const text = z
  .string()
  .max(2000)
  .transform((words) => words.replace(/[^\P{Cc}\n]/gu, '\ufffd'));
const generation = z.int().min(1);
const word = z.string().max(200);
/** Of a transfer of files (AF22). */
const transfer = z.int().min(1);
/** Bytes, and microseconds since the epoch (AF25). */
const fileFacts = { size: whole, mtime: whole };
/** As the agent bounds it; whether it is a path that is dealt with is decided by whoever uses it. */
const path = z.string().max(1024);

/** As JSON.stringify writes it, and as Python's json does with or without spaces. Fifteen digits are a safe integer. */
const ACK = /^\{"type": ?"ack", ?"seq": ?(0|[1-9]\d{0,14})\}$/;
const LONGEST_ACK = 48;

export const agentControl = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('hello'),
    agent: word,
    protocol: z.literal(1),
    received: whole,
    first: z.int().min(1),
    next: z.int().min(1),
    generation: whole,
    state: z.enum(['none', 'starting', 'running', 'ended']),
    kernels: z.array(word).max(200),
    confinement: z.strictObject({ landlock: z.int(), split: z.boolean() }),
    /** Absent from agents of before there were transfers of files. */
    files: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('ack'), seq: whole }),
  z.strictObject({ type: z.literal('pong') }),
  z.strictObject({ type: z.literal('started'), generation, kernel: word, pid: whole, standby: z.boolean() }),
  z.strictObject({
    type: z.literal('exited'),
    generation,
    code: z.int().nullable(),
    signal: z.int().nullable(),
    oom: z.boolean(),
    expected: z.boolean(),
    memory: z.strictObject({ peak: whole, limit: whole }),
    detail: text,
  }),
  z.strictObject({ type: z.literal('failed'), generation, reason: text }),
  z.strictObject({ type: z.literal('interrupted'), generation, killed: whole }),
  z.strictObject({ type: z.literal('gap'), messages: whole, bytes: whole }),
  z.strictObject({
    type: z.literal('stats'),
    memory: z.strictObject({ used: whole, peak: whole, limit: whole }),
    cpu: z.strictObject({ usec: whole }),
    pids: z.strictObject({ used: whole, limit: whole }),
    oomKills: whole,
  }),
  z.strictObject({
    type: z.literal('file-listed'),
    transfer,
    entries: z.array(z.tuple([path, whole, whole])).max(128),
    more: z.boolean(),
    cut: z.boolean(),
    odd: whole,
    now: whole,
  }),
  z.strictObject({ type: z.literal('file-opened'), transfer, ...fileFacts }),
  z.strictObject({ type: z.literal('file-taken'), transfer }),
  z.strictObject({
    type: z.literal('file-done'),
    transfer,
    size: whole.optional(),
    mtime: whole.optional(),
  }),
  z.strictObject({
    type: z.literal('file-failed'),
    transfer,
    code: z.enum(['missing', 'full', 'refused', 'changed', 'failed']),
    reason: text,
  }),
]);
export type AgentControl = z.output<typeof agentControl>;
export type Hello = Extract<AgentControl, { type: 'hello' }>;
export type Exited = Extract<AgentControl, { type: 'exited' }>;
/** What an agent says about files. */
export type FileControl = Extract<AgentControl, { transfer: number }>;
export type Stats = Extract<AgentControl, { type: 'stats' }>;

export type GatewayControl =
  | { readonly type: 'attach'; readonly nonce: string; readonly received: number; readonly journal: number }
  | { readonly type: 'ack'; readonly seq: number }
  | { readonly type: 'ping' }
  | {
      readonly type: 'start' | 'restart';
      readonly generation: number;
      readonly kernel: string;
      readonly env: Readonly<Record<string, string>>;
    }
  | { readonly type: 'interrupt' | 'stop'; readonly generation: number }
  | { readonly type: 'stats'; readonly every: number }
  | { readonly type: 'file-list'; readonly transfer: number; readonly most: number }
  | { readonly type: 'file-read' | 'file-remove'; readonly transfer: number; readonly path: string }
  | {
      readonly type: 'file-write';
      readonly transfer: number;
      readonly path: string;
      readonly size: number;
      readonly mtime: number;
    }
  | { readonly type: 'file-next' | 'file-close'; readonly transfer: number };

/** A control body of an agent. Throws `FrameViolation` for anything that AF7 and the tables do not allow. */
export function readAgentControl(body: Buffer): AgentControl {
  return readAck(body) ?? checkControl(parseControl(body));
}

/** One comes for every message, so the text that agents write for it is read without a parser. */
function readAck(body: Buffer): AgentControl | undefined {
  if (body.length > LONGEST_ACK) return undefined;
  const seq = ACK.exec(body.toString('latin1'))?.[1];
  return seq === undefined ? undefined : { type: 'ack', seq: Number(seq) };
}

/** The object of a control body, its depth bounded before it is parsed. Throws `FrameViolation`. */
export function parseControl(body: Buffer): Record<string, unknown> {
  let object: Record<string, unknown>;
  try {
    if (!isShallow(body, DEEPEST)) scanObject(body, DEEPEST);
    object = JSON.parse(utf8.decode(body)) as Record<string, unknown>;
  } catch (error) {
    const found = error instanceof JsonError ? error.message : 'it is neither UTF-8 nor JSON';
    throw new FrameViolation('control', `a body must be one JSON object at most ${DEEPEST} deep: ${found}`);
  }
  if (typeof object?.['type'] !== 'string') throw new FrameViolation('control', 'a body must have a string `type`');
  return object;
}

function checkControl(object: Record<string, unknown>): AgentControl {
  const parsed = agentControl.safeParse(object);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.map(String).join('.') || 'type';
  throw new FrameViolation('control', `a body is not of the table: ${where}: ${issue?.message ?? 'unknown'}`);
}
