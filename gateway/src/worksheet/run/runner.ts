/**
 * Performs the effects of a worksheet's execution and turns what the kernel says into operations (docs/spec/worksheet-run.md). What
 * happens in one turn is one change of the document.
 */
import { randomUUID } from 'node:crypto';
import type * as Y from 'yjs';
import type { KernelMessage } from '../../wire/kernel-message.ts';
import { POST_MORTEM, postMortemText } from '../../wire/memory-facts.ts';
import type { WidgetEvent } from '../../wire/widget-models.ts';
import type { OutputBound } from '../document/cell-outputs.ts';
import { cellsOf, sourceOf } from '../document/document.ts';
import { RoomWidgets } from '../widgets/room-widgets.ts';
import { CommandRecord } from './command-record.ts';
import { applyNextInput } from './next-input.ts';
import { Outbox } from './outbox.ts';
import type { OutputSpool } from './output-spool.ts';
import { RunnerKernel, type RunnerKernelOptions } from './runner-kernel.ts';
import {
  changesOutputs,
  postMortemOf,
  type RunId,
  readCount,
  readDate,
  readNextInput,
  readPages,
  readPrompt,
  readRun,
  readStatus,
  startedOf,
} from './runner-messages.ts';
import { RunnerOutputs } from './runner-outputs.ts';
import { RunRecord, setMark } from './runner-record.ts';
import { type Applied, apply, type Effect, type Operation, State } from './state.ts';

const WENT = 'the sandbox has ended while the server was away; variables are lost';

export interface RunnerOptions extends Omit<RunnerKernelOptions, 'received' | 'happened' | 'waits' | 'reconnected'> {
  readonly doc: Y.Doc;
  readonly bound: OutputBound;
  /** Where the whole of what cells print goes while the sandbox lives; without it nowhere. */
  readonly spool?: OutputSpool;
  /** The state is another one. */
  readonly changed: () => void;
  /** Tells every page what has happened to widgets. */
  readonly tellWidgets: (events: readonly WidgetEvent[]) => void;
}

export class Runner {
  readonly kernel: RunnerKernel;
  readonly widgets: RoomWidgets;
  readonly commands: CommandRecord;
  readonly #outbox: Outbox;
  readonly #options: RunnerOptions;
  readonly #record: RunRecord;
  readonly #outputs: RunnerOutputs;
  readonly #stamps = new Map<string, Record<string, string | undefined>>();
  #state: State;
  /** Number of the last run that is known; a kernel that was found may be at work on a later one. */
  #found = 0;
  #depth = 0;
  #performing = false;
  #waiting: Operation[] = [];
  #looking = false;
  #closed = false;
  /** A kernel that was found is asked for its widgets once it has answered. */
  #recallDue = false;
  readonly #moved = () => this.#lookSoon();

  constructor(options: RunnerOptions) {
    const { doc, bound, clock, logger, spool } = options;
    this.#options = options;
    this.#record = new RunRecord(doc);
    this.commands = new CommandRecord(doc);
    this.#outbox = new Outbox(options.stored);
    const record = this.#record;
    const flushed = () => this.kernel.written();
    this.#outputs = new RunnerOutputs({ doc, bound, clock, logger, record, spool, flushed });
    this.#state = State.initial(clock.now());
    this.kernel = new RunnerKernel({
      ...options,
      received: (messages) => this.#received(messages),
      happened: (happening) => void this.dispatch(happening),
      waits: options.changed,
      reconnected: () => this.#reconnected(),
    });
    this.widgets = new RoomWidgets({
      ...{ doc, clock, logger, session: this.kernel.session, changed: options.changed, tell: options.tellWidgets },
      send: (message) => this.kernel.send(message),
      print: (cell, type, content) =>
        this.#change(() => {
          if (typeof cell === 'string') this.#outputs.applyTo(cell, type, content);
          else this.#outputs.apply(cell, type, content);
        }),
    });
    this.#resume();
    cellsOf(doc).observe(this.#moved);
  }

  get state(): State {
    return this.#state;
  }

  /** Those of them that can be run. */
  runnable(cells: readonly string[]): string[] {
    return [...this.#record.find(cells).keys()];
  }

  /** `command`: the id of the command that asks for it, where it must not be carried out twice. */
  dispatch(operation: Operation, command?: string): Applied['outcome'] {
    if (this.#closed) return 'ignored';
    this.#waiting.push(operation);
    if (this.#performing) return 'done';
    let outcome: Applied['outcome'] | undefined;
    this.#change(() => {
      this.#performing = true;
      if (command !== undefined) this.commands.note(command);
      try {
        for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
          const applied = apply(this.#state, next);
          this.#state = applied.state;
          outcome ??= applied.outcome;
          /** What is asked from here on is asked of the next kernel. */
          if (REPLACING.has(next.op)) this.#outbox.drop();
          for (const effect of applied.effects) this.#perform(effect);
          if (REPLACING.has(next.op)) this.#outputs.forget(this.#state.running?.cell);
          this.#followWidgets(next);
        }
      } finally {
        this.#performing = false;
      }
    });
    return outcome ?? 'done';
  }

  /** Interrupts the handler of a widget that is at work while no cell is. */
  interruptWidgets(): void {
    if (this.widgets.isWaiting && this.#state.phase === 'ready' && this.#state.running === undefined)
      this.kernel.interrupt();
  }

  /** Resolves when all that was received is in the document; the kernel goes on. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    cellsOf(this.#options.doc).unobserve(this.#moved);
    this.widgets.close();
    this.#outputs.flush();
    this.kernel.leave();
    await this.#options.stored();
  }

  /** Goes on with what another process of the gateway has left (WR10). */
  #resume(): void {
    const { running, question, last, restarting, queue: waiting } = this.#record.left;
    const queue = restarting ? waiting : waiting.filter((cell) => cell !== running?.cell);
    const left = { reason: '', running, queue, question, skipped: [] };
    const runs = Math.max(this.#state.runs, last + 1);
    this.#found = last;
    if (running !== undefined) this.#outputs.goOn(running.cell);
    this.#change(() => {
      const stale = this.#record.marked('running').filter((cell) => cell !== running?.cell);
      this.#record.mark(stale, 'idle');
      if (running !== undefined && !restarting && !this.kernel.isAlive) {
        this.#state = new State({ ...left, phase: 'ready', runs, restartDue: false });
        this.dispatch({ op: 'gone', reason: WENT });
      } else if (running !== undefined || queue.length > 0 || this.kernel.isAlive) {
        this.#state = new State({ ...left, phase: 'starting', runs, restartDue: restarting });
        this.kernel.open();
      } else {
        this.#state = State.initial(runs);
      }
    });
  }

  /** One change of the document, and one word about it. */
  #change(work: () => void): void {
    this.#depth += 1;
    try {
      this.#options.doc.transact(() => {
        work();
        if (this.#depth > 1) return;
        for (const [cell, stamps] of this.#stamps) this.#record.stamp(cell, stamps);
        this.#stamps.clear();
        this.#record.keep(this.#state);
        this.#outputs.flushIfDue();
      });
    } finally {
      this.#depth -= 1;
    }
    if (this.#depth > 0) return;
    this.#outbox.flush();
    this.#outputs.settle();
    this.#options.changed();
  }

  #perform(effect: Effect): void {
    const { kernel } = this;
    if (effect.do === 'open') kernel.open();
    else if (effect.do === 'execute') this.#execute(effect.cell, effect.run, true);
    else if (effect.do === 'resend') this.#execute(effect.cell, effect.run, false);
    else if (effect.do === 'adopt') this.#begin(effect.cell, effect.run);
    else if (effect.do === 'ended') this.#outputs.end(effect.cell);
    else if (effect.do === 'interrupt') this.#outbox.inOrder(() => kernel.interrupt());
    else if (effect.do === 'restart') this.#restart();
    else if (effect.do === 'shutdown') this.#shutdown();
    else if (effect.do === 'answer') this.#answer(effect);
    else if (effect.do === 'probe') this.#outbox.inOrder(() => kernel.probe(effect.run));
    else if (effect.do === 'mark') this.#record.mark(effect.cells, effect.as);
    else if (effect.do === 'fail') this.#outputs.fail(effect.cell, effect.ename, effect.message, effect.fresh);
    else if (effect.do === 'clear') this.#clear(effect.cells);
  }

  #shutdown(): void {
    this.#outbox.drop();
    void this.kernel.shutdown();
  }

  #restart(): void {
    this.#outbox.drop();
    this.widgets.gone('the kernel was restarted');
    this.kernel.restart();
  }

  /** Widgets end with their kernel; of one that was found they are asked for, behind all that is asked of it before (WR11). */
  #followWidgets(operation: Operation): void {
    const fresh = operation.op === 'opened' && operation.fresh;
    if (fresh || REPLACING.has(operation.op)) this.widgets.gone(this.#state.reason);
    if (operation.op === 'opened' && !fresh) {
      this.#recallDue = true;
      this.widgets.expect();
    }
    if (operation.op !== 'answered' || !this.#recallDue) return;
    this.#recallDue = false;
    this.widgets.recall();
  }

  #execute(cell: string, run: string, anew: boolean): void {
    const target = this.#record.find([cell]).get(cell);
    const id = readRun(run);
    if (target === undefined || id === undefined) {
      /** It was deleted a moment ago: nothing is to be run, and nothing keeps the next one. */
      this.#waiting.push({ op: 'replied', run, status: 'ok' }, { op: 'quiet', run });
      return;
    }
    if (anew) this.#begin(cell, run);
    this.#found = id.number;
    this.kernel.forgetWhy();
    const how = { silent: false, store_history: true, user_expressions: {}, allow_stdin: true, stop_on_error: true };
    const content = { code: sourceOf(target), ...how };
    const request = {
      channel: 'shell',
      type: 'execute_request',
      content,
      id: run,
      metadata: { cellId: cell },
    } as const;
    this.#outbox.afterStore(() => void this.kernel.send(request));
  }

  #begin(cell: string, run: string): void {
    const id = readRun(run);
    if (id !== undefined) this.#outputs.begin(id);
    this.#outputs.flush();
    this.#record.stamp(cell, undefined);
  }

  /** The question and its answer stay under the cell, as in Jupyter; a password does not. */
  #answer({ run, question, value }: Extract<Effect, { do: 'answer' }>): void {
    const id = readRun(run);
    const text = `${question.prompt}${question.password ? '········' : value}\n`;
    if (id !== undefined) this.#outputs.apply(id, 'stream', { name: 'stdout', text });
    const reply = { channel: 'stdin', type: 'input_reply', content: { status: 'ok', value } } as const;
    this.#outbox.inOrder(() => void this.kernel.send(reply));
  }

  #clear(cells: readonly string[]): void {
    const known = this.runnable(cells);
    this.#outputs.clear(known);
    this.#outputs.flush();
    for (const cell of known) this.#record.stamp(cell, undefined);
  }

  #received(messages: readonly KernelMessage[]): void {
    this.#change(() => {
      for (const message of messages) this.#read(message);
      this.widgets.settle();
    });
  }

  #read(message: KernelMessage): void {
    if (this.widgets.take(message) || this.kernel.take(message)) return;
    const run = message.parent.msg_id;
    const id = readRun(run);
    if (run === undefined || id === undefined) return;
    const { content } = message;
    const type = message.header.msg_type;
    if (changesOutputs(type)) {
      if (!this.#record.isKnown(message.header.msg_id)) this.#output(id, type, message);
    } else if (type === 'status') {
      this.#status(run, id, message);
    } else if (type === 'execute_input') {
      this.#stamp(run, id, 'iopub.execute_input', message);
      this.#count(id, content);
    } else if (type === 'execute_reply') {
      this.#reply(run, id, message);
    } else if (type === 'input_request' && !this.#record.isKnown(message.header.msg_id)) {
      const question = { id: randomUUID(), cell: id.cell, ...readPrompt(content) };
      this.dispatch({ op: 'asked', run, question });
    }
  }

  #output(id: RunId, type: string, message: KernelMessage): void {
    this.#outputs.apply(id, type, message.content);
    const found = type === 'error' ? postMortemOf(message) : undefined;
    if (found === undefined) return;
    const data = { [POST_MORTEM]: found, 'text/plain': postMortemText(found) };
    this.#outputs.apply(id, 'display_data', { data, metadata: {} });
  }

  #status(run: string, id: RunId, message: KernelMessage): void {
    const state = message.content['execution_state'];
    if (state !== 'busy' && state !== 'idle') return;
    if (this.#state.phase === 'checking' && id.number > this.#found && this.#record.find([id.cell]).size > 0)
      this.dispatch({ op: 'found', cell: id.cell, run });
    this.#stamp(run, id, `iopub.status.${state}`, message);
    this.dispatch({ op: state === 'busy' ? 'began' : 'quiet', run });
  }

  #reply(run: string, id: RunId, message: KernelMessage): void {
    const { content } = message;
    if (this.#state.running?.run === run) {
      this.#count(id, content);
      this.#stamp(run, id, 'shell.execute_reply', message);
      Object.assign(this.#stamps.get(id.cell) ?? {}, { 'shell.execute_reply.started': startedOf(message) });
      if (!this.#record.isKnown(message.header.msg_id)) {
        for (const data of readPages(content)) this.#outputs.apply(id, 'display_data', { data, metadata: {} });
        const next = readNextInput(content);
        if (next !== undefined) applyNextInput(this.#options.doc, id.cell, next);
      }
    }
    this.dispatch({ op: 'replied', run, status: readStatus(content) });
  }

  #count(id: RunId, content: KernelMessage['content']): void {
    const count = readCount(content);
    if (count !== undefined) this.#outputs.count(id, count);
  }

  /** Times are the kernel's where it tells them. */
  #stamp(run: string, { cell }: RunId, name: string, message: KernelMessage): void {
    if (this.#state.running?.run !== run) return;
    const date = readDate(message.header['date']) ?? new Date(this.#options.clock.now()).toISOString();
    this.#stamps.set(cell, { ...this.#stamps.get(cell), [name]: date });
  }

  #reconnected(): void {
    const { phase, running } = this.#state;
    if (phase === 'lost' || phase === 'restarting' || phase === 'checking') this.kernel.probe(undefined);
    else if (running !== undefined) this.#outbox.inOrder(() => this.kernel.probe(running.run));
    else this.widgets.recall();
  }

  /** Cells were added, deleted or moved; a moved one is a copy that knows nothing of its execution. */
  #lookSoon(): void {
    const { queue, running } = this.#state;
    if (this.#looking || (queue.length === 0 && running === undefined)) return;
    this.#looking = true;
    queueMicrotask(() => this.#look());
  }

  #look(): void {
    this.#looking = false;
    if (this.#closed) return;
    const { queue, running } = this.#state;
    const found = this.#record.find(running === undefined ? queue : [...queue, running.cell]);
    this.#change(() => {
      for (const [id, cell] of found) setMark(cell, id === running?.cell ? 'running' : 'pending');
      const gone = queue.filter((cell) => !found.has(cell));
      if (gone.length > 0) this.dispatch({ op: 'deleted', cells: gone });
    });
  }
}

/** After these no earlier run says anything. */
const REPLACING: ReadonlySet<Operation['op']> = new Set(['died', 'dead', 'gone', 'stopped']);
