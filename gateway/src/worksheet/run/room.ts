/**
 * One open worksheet: takes commands, each of them once, joins the execution with the document, and tells the live facts that are
 * no part of it (docs/spec/worksheet-run.md).
 */
import type { ChosenKernel, Sleep } from '../../wire/execution-facts.ts';
import type { WorksheetCommand, WorksheetNotice, WorksheetStatus } from '../../wire/worksheet-protocol.ts';
import { RoomStatus } from './room-status.ts';
import { Runner, type RunnerOptions } from './runner.ts';
import type { Ask } from './state.ts';

/** Commands that are remembered; beyond, the oldest is forgotten. */
const REMEMBERED = 1000;

export interface RoomOptions extends Omit<RunnerOptions, 'changed' | 'stored'> {
  readonly kernelspec: ChosenKernel;
  /** Its policy has ended its sandbox, and there was none since. */
  readonly asleep?: Sleep | undefined;
  /** Resolves when all changes of the document that were made so far are stored; without it they count as stored at once. */
  readonly stored?: () => Promise<void> | undefined;
  /** True while something runs, waits or is being started or ended: the document has to stay loaded. */
  readonly busy: (yes: boolean) => void;
}

type Reply = (notice: WorksheetNotice) => void;
/** What a command was answered, or who waits for it. */
type Memory = { readonly notice: WorksheetNotice } | { readonly waiting: Reply[] };

export class Room {
  readonly #options: RoomOptions;
  readonly #runner: Runner;
  readonly #status: RoomStatus;
  readonly #commands = new Map<string, Memory>();
  /** Commands that wait for a kernel to be opened. */
  #opening: string[] = [];
  #busy = false;

  constructor(options: RoomOptions) {
    this.#options = options;
    /** The runner may have something to tell before it is made. */
    let ready = false;
    this.#runner = new Runner({
      ...options,
      stored: options.stored ?? (() => undefined),
      changed: () => ready && this.#changed(),
    });
    ready = true;
    const { clock, kernelspec, asleep, spool } = options;
    this.#status = new RoomStatus({ runner: this.#runner, clock, kernelspec, asleep, spool });
    this.#changed();
  }

  get status(): WorksheetStatus {
    return this.#status.current;
  }

  /** Called when the status has changed, at most every 50 ms. Answers what ends it. */
  onStatus(listener: (status: WorksheetStatus) => void): () => void {
    return this.#status.listen(listener);
  }

  /**
   * Each command is answered once, by `done` or `refused`: a run when its cells wait for a kernel that lives, the rest at once. A
   * command that was carried out already is answered and not repeated.
   */
  command(command: WorksheetCommand, reply: Reply): void {
    if (command.do === 'complete' || command.do === 'inspect') {
      void this.#inquire(command, reply);
      return;
    }
    if (command.do === 'widget' || command.do === 'widgets') {
      this.#widget(command, reply);
      return;
    }
    const known = this.#commands.get(command.id);
    if (known !== undefined) {
      if ('notice' in known) reply(known.notice);
      else known.waiting.push(reply);
      return;
    }
    const lasting = command.do === 'run' || command.do === 'restart';
    if (lasting && this.#runner.commands.has(command.id)) {
      reply({ say: 'done', id: command.id });
      return;
    }
    this.#remember(command.id, { waiting: [reply] });
    if (command.do === 'interrupt') this.#runner.interruptWidgets();
    const outcome = this.#runner.dispatch(this.#ask(command), lasting ? command.id : undefined);
    const waits = lasting && outcome === 'done' && this.#isOpening;
    if (waits) this.#opening.push(command.id);
    else this.#answer({ say: 'done', id: command.id });
  }

  /** Another kernelspec for the next run; the kernel that there is ends, and `why` is told. */
  changeKernel(kernelspec: ChosenKernel, why: string): void {
    this.#status.kernelspec = kernelspec;
    this.#status.asleep = undefined;
    this.#runner.dispatch({ op: 'stop', why });
    this.#status.changed();
  }

  /** Its policy ends its sandbox; told before the kernel has gone. */
  slept(sleep: Sleep): void {
    this.#status.asleep = sleep;
    this.#options.spool?.forget();
  }

  /** Its sandbox has told what it uses. */
  used(): void {
    this.#status.used();
  }

  /** Stores what was received. The kernel and its cells go on, and are found again when the worksheet is opened. */
  async close(): Promise<void> {
    this.#status.close();
    await this.#runner.close();
  }

  get #isOpening(): boolean {
    const { phase, queue } = this.#runner.state;
    return phase === 'starting' || (phase === 'stopping' && queue.length > 0);
  }

  #widget(command: Extract<WorksheetCommand, { do: 'widget' | 'widgets' }>, reply: Reply): void {
    const { widgets } = this.#runner;
    if (command.do === 'widget') widgets.command(command, reply);
    else reply({ say: 'done', id: command.id, result: widgets.all });
  }

  #ask(command: Exclude<WorksheetCommand, { do: 'complete' | 'inspect' | 'widget' | 'widgets' }>): Ask {
    switch (command.do) {
      case 'run':
      case 'clear':
        return { op: command.do, cells: this.#runner.runnable(command.cells) };
      case 'restart':
        return { op: 'restart', cells: this.#runner.runnable(command.cells ?? []) };
      case 'answer':
        return { op: 'answer', question: command.question, value: command.value };
      default:
        return { op: command.do };
    }
  }

  /** A kernel that works could answer only when it has finished, which is no answer to somebody who types. */
  async #inquire(command: Extract<WorksheetCommand, { do: 'complete' | 'inspect' }>, reply: Reply): Promise<void> {
    const { phase, running } = this.#runner.state;
    const about = { code: command.code, cursor_pos: command.cursor };
    const asked = command.do === 'complete' ? about : { ...about, detail_level: 0 };
    const able = phase === 'ready' && running === undefined;
    const result = able ? await this.#runner.kernel.request(`${command.do}_request`, asked) : null;
    reply({ say: 'done', id: command.id, result });
  }

  #changed(): void {
    const { phase, running, queue, reason } = this.#runner.state;
    if (!this.#isOpening) {
      const opened = this.#opening;
      this.#opening = [];
      const failed = phase === 'none' || phase === 'stopping';
      for (const id of opened) this.#answer(failed ? { say: 'refused', id, message: reason } : { say: 'done', id });
    }
    this.#status.changed();
    const busy = running !== undefined || queue.length > 0 || (phase !== 'none' && phase !== 'ready');
    if (busy === this.#busy) return;
    this.#busy = busy;
    this.#options.busy(busy);
  }

  #remember(id: string, memory: Memory): void {
    this.#commands.set(id, memory);
    for (const [oldest, kept] of this.#commands) {
      if (this.#commands.size <= REMEMBERED) break;
      if ('notice' in kept) this.#commands.delete(oldest);
    }
  }

  #answer(notice: Extract<WorksheetNotice, { id: string }>): void {
    const known = this.#commands.get(notice.id);
    this.#commands.set(notice.id, { notice });
    if (known !== undefined && 'waiting' in known) for (const reply of known.waiting) reply(notice);
  }
}
