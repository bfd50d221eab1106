/** The notebooks of `test/golden/notebooks/`: ordinary ones, whose cells' metadata may carry a `check`. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';

const FOLDER = resolve(import.meta.dirname, '../../golden/notebooks');

/** "⟨last widget⟩" in the content stands for the model of the widget that was shown last. */
const Request = z.strictObject({
  type: z.string(),
  channel: z.enum(['shell', 'control']).default('shell'),
  content: z.record(z.string(), z.unknown()).default({}),
  /** False where the protocol has no reply (comm messages) or no kernel gives one. */
  reply: z.boolean().default(true),
  /** Values differ from one moment to the next: only the keys of the reply are compared. */
  keysOnly: z.boolean().default(false),
  /** Must be in the reply's content. */
  has: z.record(z.string(), z.unknown()).default({}),
});

const Check = z.strictObject({
  /** What the reply says: `ok`, `aborted`, or the name of an error. */
  expect: z.string().default('ok'),
  /** Each must be in what the cell printed. */
  text: z.array(z.string()).default([]),
  /** Each must be a type of some output. */
  mimes: z.array(z.string()).default([]),
  /** Given to the cell's questions, in turn; the code may ask only where there are some. */
  answers: z.array(z.string()).optional(),
  /** Interrupts once this has been printed, further times after the same number of further texts. */
  interruptAfter: z.array(z.string()).default([]),
  /** Interrupts at the first question after the answers. */
  interruptQuestion: z.boolean().default(false),
  /** After an interrupt requests follow, for kernels that notice only then, and not always. */
  nudge: z.boolean().default(false),
  /** Over the fields of the execute request. */
  options: z.record(z.string(), z.unknown()).default({}),
  /** Sent one by one after the cell. */
  requests: z.array(Request).default([]),
  /** Waits until this has been printed, which may be after the cell's end: where in time its output stood is not compared. */
  await: z.string().optional(),
  /** Lines may come in any order. */
  unordered: z.boolean().default(false),
  /** Sent together with the next cell, without waiting for the reply. */
  together: z.boolean().default(false),
  /** The kernel ends by this cell and another one takes its place. */
  dies: z.boolean().default(false),
});

export type Check = z.infer<typeof Check>;
export type CellRequest = z.infer<typeof Request>;

export interface Cell {
  readonly id: string;
  readonly code: string;
  readonly check: Check;
}

export interface Notebook {
  readonly name: string;
  readonly cells: readonly Cell[];
}

const File = z.object({
  cells: z.array(
    z.object({
      cell_type: z.string(),
      id: z.string(),
      source: z.union([z.string(), z.array(z.string())]),
      metadata: z.object({ check: Check.prefault({}) }),
    }),
  ),
});

export function notebooks(): Notebook[] {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.ipynb'));
  return files.sort().map((file) => readNotebook(join(FOLDER, file)));
}

function readNotebook(path: string): Notebook {
  const { cells } = File.parse(JSON.parse(readFileSync(path, 'utf8')));
  return {
    name: basename(path, '.ipynb'),
    cells: cells
      .filter((cell) => cell.cell_type === 'code')
      .map(({ id, source, metadata }) => ({ id, code: [source].flat().join(''), check: metadata.check })),
  };
}
