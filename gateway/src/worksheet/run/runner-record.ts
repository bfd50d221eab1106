/**
 * What of an execution lives in the document, so that another process of the gateway can go on with it: marks on cells, time stamps,
 * the run that is under way, and which messages are in the document already (WR10). The last two are in a map of their own, which
 * no notebook file shows.
 */
import { createHash } from 'node:crypto';
import * as Y from 'yjs';
import { z } from 'zod';
import { cellOf, cellsOf } from '../document/document.ts';
import type { State } from './state.ts';

const ROOT = 'execution';
const RUN = 'run';
const HEARD = 'heard';
const ORDER = 'order';
const SPOOLED = 'spooled';
/** More come between two flushes only where a kernel publishes in very small pieces. */
const MOST_HEARD = 2000;

const runSchema = z.object({
  /** Number of the last run. */
  last: z.int().min(0),
  running: z
    .object({
      run: z.string().max(128),
      cell: z.string().max(64),
      began: z.boolean(),
      quiet: z.boolean(),
      replied: z.enum(['ok', 'error', 'aborted']).optional(),
    })
    .optional(),
  /** The kernel is being restarted. */
  restarting: z.boolean().optional(),
  question: z.object({ id: z.string(), cell: z.string(), prompt: z.string(), password: z.boolean() }).optional(),
});

const spooledSchema = z.object({ cell: z.string().max(64), bytes: z.int().min(0) });

export type Spooled = z.output<typeof spooledSchema>;

export type Mark = 'pending' | 'running' | 'idle';

export class RunRecord {
  readonly #doc: Y.Doc;
  readonly #root: Y.Map<unknown>;
  #written: string | undefined;
  /** Digests of messages: of the flush that is being gathered, and of the one before, whose acknowledgement may not have arrived. */
  #applied: string[] = [];
  #before: string[] = [];
  readonly #replayed: ReadonlySet<string>;
  #order: readonly string[];

  constructor(doc: Y.Doc) {
    this.#doc = doc;
    this.#root = doc.getMap(ROOT);
    const heard = this.#root.get(HEARD);
    this.#replayed = new Set(Array.isArray(heard) ? heard.filter((item) => typeof item === 'string') : []);
    this.#before = [...this.#replayed];
    const order = this.#root.get(ORDER);
    this.#order = Array.isArray(order) ? order.filter((item) => typeof item === 'string') : [];
    if (this.#root.has(RUN)) this.#written = JSON.stringify(this.#root.get(RUN));
  }

  /** What an earlier process left: the run that was under way, its question, the number of the last run, what waited, in its order. */
  get left(): Pick<State, 'running' | 'question' | 'queue'> & { last: number; restarting: boolean } {
    const parsed = runSchema.safeParse(this.#root.get(RUN));
    const queue = this.#waiting();
    if (!parsed.success) return { running: undefined, question: undefined, last: 0, restarting: false, queue };
    const { running, question, last, restarting = false } = parsed.data;
    return { running: running && { ...running, replied: running.replied }, question, last, restarting, queue };
  }

  /** `runs`: number of the next run. */
  keep(state: Pick<State, 'running' | 'question' | 'runs' | 'phase' | 'restartDue' | 'queue'>): void {
    const { running, question, runs, phase, restartDue, queue } = state;
    this.#keepOrder(queue);
    const last = runs - 1;
    const restarting = phase === 'restarting' || restartDue ? true : undefined;
    const record = withoutUndefined({ last, running: running && withoutUndefined(running), restarting, question });
    const text = JSON.stringify(record);
    if (text === this.#written || (this.#written === undefined && running === undefined)) return;
    this.#written = text;
    this.#root.set(RUN, record);
  }

  /** Whether an earlier process has put this message into the document; otherwise it counts as applied from now on. */
  isKnown(messageId: string): boolean {
    const digest = createHash('sha256').update(messageId).digest('base64url').slice(0, 16);
    if (this.#replayed.has(digest)) return true;
    this.#applied.push(digest);
    return false;
  }

  /** How much of the running cell's text was in the gateway's file when the document was changed last. */
  get spooled(): Spooled | undefined {
    return spooledSchema.safeParse(this.#root.get(SPOOLED)).data;
  }

  noteSpooled(spooled: Spooled | undefined): void {
    if (JSON.stringify(this.#root.get(SPOOLED)) !== JSON.stringify(spooled)) {
      if (spooled === undefined) this.#root.delete(SPOOLED);
      else this.#root.set(SPOOLED, spooled);
    }
  }

  /** To be called in the change of the document that holds what was applied. */
  noteApplied(): void {
    if (this.#applied.length === 0) return;
    this.#root.set(HEARD, [...this.#before, ...this.#applied].slice(-MOST_HEARD));
    this.#before = this.#applied;
    this.#applied = [];
  }

  mark(cells: readonly string[], as: Mark): void {
    for (const cell of this.find(cells).values()) setMark(cell, as);
  }

  /** Cells that are code, by id; what is no code is never run. */
  find(ids: readonly string[]): Map<string, Y.Map<unknown>> {
    if (ids.length === 1) {
      const cell = cellOf(this.#doc, String(ids[0]));
      return new Map(isCode(cell) ? [[String(ids[0]), cell]] : []);
    }
    const all = new Map<unknown, Y.Map<unknown>>();
    if (ids.length > 0) for (const cell of cellsOf(this.#doc)) if (isCode(cell)) all.set(cell.get('id'), cell);
    return new Map(
      ids.flatMap((id) => {
        const cell = all.get(id);
        return cell === undefined ? [] : [[id, cell] as const];
      }),
    );
  }

  /** Cells that are marked, in the order of the page. */
  marked(as: Mark): string[] {
    return [...cellsOf(this.#doc)].flatMap((cell) =>
      isCode(cell) && cell.get('execution_state') === as ? String(cell.get('id')) : [],
    );
  }

  /** As long as cells only leave it at its beginning, what was written says the order: who waits is marked on the cells. */
  #keepOrder(queue: readonly string[]): void {
    const rest = this.#order.slice(this.#order.length - queue.length);
    const known = queue.length <= this.#order.length && queue.every((cell, at) => cell === rest[at]);
    if (queue.length < 2 || known) return;
    this.#order = queue;
    this.#root.set(ORDER, [...queue]);
  }

  #waiting(): string[] {
    const marked = new Set(this.marked('pending'));
    return [...new Set([...this.#order.filter((cell) => marked.has(cell)), ...marked])];
  }

  /** JupyterLab's `execution` of a cell's metadata; without stamps it is taken away. */
  stamp(id: string, stamps: Readonly<Record<string, string | undefined>> | undefined): void {
    const metadata = cellOf(this.#doc, id)?.get('metadata');
    if (!(metadata instanceof Y.Map)) return;
    if (stamps === undefined) {
      if (metadata.has('execution')) metadata.delete('execution');
      return;
    }
    const before = metadata.get('execution');
    const known = typeof before === 'object' && before !== null ? before : {};
    metadata.set('execution', withoutUndefined({ ...known, ...stamps }));
  }
}

export function setMark(cell: Y.Map<unknown>, as: Mark): void {
  if ((cell.get('execution_state') ?? 'idle') !== as) cell.set('execution_state', as);
}

const isCode = (cell: Y.Map<unknown> | undefined): cell is Y.Map<unknown> =>
  cell instanceof Y.Map && cell.get('cell_type') === 'code';

const withoutUndefined = (object: object): object =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
