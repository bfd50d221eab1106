/**
 * What a worksheet's page and the gateway say to each other beside the shared document, as JSON in stateless messages of the
 * document's socket. That socket keeps the order: a command finds the document with every edit that was made before it.
 */
import { z } from 'zod';
import type { ChosenKernel, FullOutput, SandboxUsage, SandboxWait, Sleep } from './execution-facts.ts';
import type { NamedMessage, Told } from './told.ts';
import type { WidgetEvent, WidgetModel } from './widget-models.ts';
import type { WorksheetRole } from './worksheet-role.ts';

/** One chosen by the page, so that a command that is sent again after a broken line is carried out once. */
const commandId = z.string().min(1).max(64);
const cellIds = z.array(z.string().min(1).max(64)).min(1).max(10_000);

/** Base64, and what of a widget's message may come in at all; a socket's message is bounded before it is read. */
const widgetBuffers = z.array(z.base64()).max(1000);
const widgetPath = z
  .array(z.union([z.string().max(200), z.int().min(0)]))
  .min(1)
  .max(50);
const widgetMessage = z.discriminatedUnion('method', [
  /** `paths`: where each buffer belongs in the state. */
  z.strictObject({
    method: z.literal('update'),
    state: z.record(z.string().max(200), z.unknown()),
    paths: z.array(widgetPath).max(1000),
  }),
  z.strictObject({ method: z.literal('custom'), content: z.unknown() }),
]);

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
  /**
   * A message of the page's half of a widget; done when the kernel has dealt with it. Its id is the message's own. `cell`: where the
   * widget stands, for what its handlers print.
   */
  z.strictObject({
    do: z.literal('widget'),
    id: z.uuid(),
    model: z.string().min(1).max(128),
    cell: z.string().max(64).optional(),
    message: widgetMessage,
    buffers: widgetBuffers,
  }),
  /** Asks for all widgets; the answer's result is `AllWidgets`, and notices tell what changes from then on. */
  z.strictObject({ do: z.literal('widgets'), id: commandId }),
  /** Ends the sandbox; the worksheet stays. */
  z.strictObject({ do: z.literal('stop'), id: commandId }),
  z.strictObject({ do: z.literal('complete'), id: commandId, code: z.string().max(1_000_000), cursor: z.int().min(0) }),
  z.strictObject({ do: z.literal('inspect'), id: commandId, code: z.string().max(1_000_000), cursor: z.int().min(0) }),
]);
export type WorksheetCommand = z.output<typeof worksheetCommand>;
export type WidgetCommand = Extract<WorksheetCommand, { do: 'widget' }>;
/** The result of `widgets`. `asking`: the kernel has not said yet what it has; a notice `stale` comes when it has. */
export interface AllWidgets {
  readonly models: readonly WidgetModel[];
  readonly asking: boolean;
}

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
  /** The reason's name, where it has one. */
  readonly told?: Told;
  readonly running: string | undefined;
  /** Cells that wait, in order. */
  readonly queue: readonly string[];
  /** Those that waited and were not run, because one before them failed; until something is run again. */
  readonly skipped: readonly string[];
  readonly question: Question | undefined;
  /** Absent without a kernel. */
  readonly usage: SandboxUsage | undefined;
  /** Its place among those who wait for a sandbox; undefined where it does not wait. */
  readonly waits: SandboxWait | undefined;
  /** There is no kernel because its policy ended it. */
  readonly asleep: Sleep | undefined;
  readonly kernelspec: ChosenKernel;
  readonly fullOutputs: readonly FullOutput[];
}

export type WorksheetNotice =
  /** What has happened to widgets, in order. */
  | { readonly say: 'widgets'; readonly events: readonly WidgetEvent[] }
  /** What the person is to the worksheet: told when they come, and when it changes. */
  | { readonly say: 'role'; readonly role: WorksheetRole }
  | { readonly say: 'status'; readonly status: WorksheetStatus }
  /** `result`: the content of a complete_reply or inspect_reply; null where there is no kernel that could answer. */
  | { readonly say: 'done'; readonly id: string; readonly result?: unknown }
  /** The worksheet's files may be others than a moment ago. */
  | { readonly say: 'files' }
  | ({ readonly say: 'refused'; readonly id: string; readonly message: string } & NamedMessage);
