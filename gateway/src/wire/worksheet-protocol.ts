/**
 * What a worksheet's page and the gateway say to each other beside the shared document, as JSON in stateless messages of the
 * document's socket. That socket keeps the order: a command finds the document with every edit that was made before it.
 */
import { z } from 'zod';

/** One chosen by the page, so that a command that is sent again after a broken line is carried out once. */
const commandId = z.string().min(1).max(64);
const cellIds = z.array(z.string().min(1).max(64)).min(1).max(10_000);

export const worksheetCommand = z.discriminatedUnion('do', [
  /** In this order; cells that wait or run already stay where they are. */
  z.strictObject({ do: z.literal('run'), id: commandId, cells: cellIds }),
  z.strictObject({ do: z.literal('interrupt'), id: commandId }),
  /** With `cells`, these are run in the new kernel. */
  z.strictObject({ do: z.literal('restart'), id: commandId, cells: cellIds.optional() }),
  z.strictObject({ do: z.literal('clear'), id: commandId, cells: cellIds }),
  /** The answer to the question that the status shows. */
  z.strictObject({
    do: z.literal('answer'),
    id: commandId,
    question: z.string().max(64),
    value: z.string().max(100_000),
  }),
  /** Ends the sandbox; the worksheet stays. */
  z.strictObject({ do: z.literal('stop'), id: commandId }),
  z.strictObject({ do: z.literal('complete'), id: commandId, code: z.string().max(1_000_000), cursor: z.int().min(0) }),
  z.strictObject({ do: z.literal('inspect'), id: commandId, code: z.string().max(1_000_000), cursor: z.int().min(0) }),
]);
export type WorksheetCommand = z.output<typeof worksheetCommand>;

/** `none`: no sandbox, the next run opens one. `lost`: it died; another one is on its way. */
export const kernelStates = ['none', 'starting', 'idle', 'busy', 'restarting', 'lost'] as const;
export type WorksheetKernelState = (typeof kernelStates)[number];

export interface Question {
  readonly id: string;
  readonly cell: string;
  readonly prompt: string;
  readonly password: boolean;
}

/** The live facts that are no part of the document. */
export interface WorksheetStatus {
  readonly kernel: WorksheetKernelState;
  /** Why there is none or another one, as a person reads it; empty where nothing is to be told. */
  readonly reason: string;
  readonly running: string | undefined;
  /** Cells that wait, in order. */
  readonly queue: readonly string[];
  readonly question: Question | undefined;
  /** Bytes and microseconds of processor time since the sandbox began; absent without a kernel. */
  readonly usage: { readonly memory: number; readonly limit: number; readonly cpu: number } | undefined;
}

export type WorksheetNotice =
  | { readonly say: 'status'; readonly status: WorksheetStatus }
  /** `result`: the content of a complete_reply or inspect_reply; null where there is no kernel that could answer. */
  | { readonly say: 'done'; readonly id: string; readonly result?: unknown }
  | { readonly say: 'refused'; readonly id: string; readonly message: string };
