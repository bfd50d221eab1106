/** The state of a worksheet's execution, and the steps that its operations are made of. Nothing here reaches outside. Pure. */
import type { Question } from '../../wire/worksheet-protocol.ts';

/**
 * `checking`: it was found alive and may be at work on what an earlier process of the gateway has sent, so that nothing is sent
 * before it has given its word. `lost`: it died, another one is on its way. `stopping`: it is being ended; what is asked for meanwhile
 * waits for another one.
 */
export type Phase = 'none' | 'starting' | 'checking' | 'ready' | 'restarting' | 'lost' | 'stopping';

export type ReplyStatus = 'ok' | 'error' | 'aborted';

export interface Running {
  readonly cell: string;
  /** msg_id of its request. */
  readonly run: string;
  readonly began: boolean;
  /** Its end is the reply and the idle status, in either order. */
  readonly replied: ReplyStatus | undefined;
  readonly quiet: boolean;
}

export type Effect =
  /** Finds the kernel of this worksheet or starts one. */
  | { readonly do: 'open' }
  /** Answered by exactly one `ended`. */
  | { readonly do: 'execute'; readonly cell: string; readonly run: string }
  /** The kernel never had this request of an earlier `execute`. */
  | { readonly do: 'resend'; readonly cell: string; readonly run: string }
  /** As `execute`, of a run that an earlier process sent and could not write down. */
  | { readonly do: 'adopt'; readonly cell: string; readonly run: string }
  | { readonly do: 'ended'; readonly cell: string; readonly run: string }
  | { readonly do: 'interrupt' | 'restart' | 'shutdown' }
  | { readonly do: 'answer'; readonly run: string; readonly question: Question; readonly value: string }
  /** Asks the kernel for a word, behind all that was asked of it. */
  | { readonly do: 'probe'; readonly run: string | undefined }
  | { readonly do: 'mark'; readonly cells: readonly string[]; readonly as: 'pending' | 'running' | 'idle' }
  /** An error output. `fresh`: in the place of what the cell showed; otherwise behind it. */
  | {
      readonly do: 'fail';
      readonly cell: string;
      readonly fresh: boolean;
      readonly ename: string;
      readonly message: string;
    }
  | { readonly do: 'clear'; readonly cells: readonly string[] };

export interface Applied {
  readonly state: State;
  readonly effects: readonly Effect[];
  /** `ignored`: nothing was to be done, which is no error: the operation came too late or twice. */
  readonly outcome: 'done' | 'ignored';
}

export interface StateFacts {
  readonly phase: Phase;
  /** Why there is no kernel or another one, as a person reads it. */
  readonly reason: string;
  readonly running: Running | undefined;
  readonly queue: readonly string[];
  readonly question: Question | undefined;
  /** Number of the next run; ids of runs are never used again. */
  readonly runs: number;
  /** An earlier process was killed while it restarted the kernel: nothing is run before that is done. */
  readonly restartDue: boolean;
  /** Cells that waited and were not run, because one before them failed, or its kernel did; until something is asked for again. */
  readonly skipped: readonly string[];
}

export class State implements StateFacts {
  phase: Phase;
  reason: string;
  running: Running | undefined;
  queue: readonly string[];
  question: Question | undefined;
  runs: number;
  restartDue: boolean;
  skipped: readonly string[];
  #effects: Effect[] = [];

  constructor(facts: StateFacts) {
    this.phase = facts.phase;
    this.reason = facts.reason;
    this.running = facts.running;
    this.queue = facts.queue;
    this.question = facts.question;
    this.runs = facts.runs;
    this.restartDue = facts.restartDue;
    this.skipped = facts.skipped;
  }

  /** Without a kernel. `runs`: higher than every number of a run before, for instance the time in milliseconds. */
  static initial(runs: number): State {
    const nothing = { running: undefined, queue: [], question: undefined, restartDue: false, skipped: [] };
    return new State({ phase: 'none', reason: '', ...nothing, runs });
  }

  copy(): State {
    return new State(this);
  }

  effect(effect: Effect): this {
    this.#effects.push(effect);
    return this;
  }

  applied(): Applied {
    const effects = this.#effects;
    this.#effects = [];
    return { state: this, effects, outcome: 'done' };
  }

  ignored(): Applied {
    return { ...this.applied(), outcome: 'ignored' };
  }

  enqueue(cells: readonly string[]): this {
    if (cells.length === 0) return this;
    this.queue = [...this.queue, ...cells];
    return this.effect({ do: 'mark', cells, as: 'pending' });
  }

  dropQueue(): this {
    const cells = this.queue;
    this.queue = [];
    if (cells.length > 0) this.skipped = cells;
    return cells.length === 0 ? this : this.effect({ do: 'mark', cells, as: 'idle' });
  }

  /** Whatever waits needs a kernel. */
  openForQueue(): this {
    if (this.phase !== 'none' || this.queue.length === 0) return this;
    this.phase = 'starting';
    return this.effect({ do: 'open' });
  }

  /** The next cell begins where none runs. */
  advance(): this {
    const [cell, ...queue] = this.queue;
    if (this.phase !== 'ready' || this.running !== undefined || cell === undefined) return this;
    const run = `${cell}_${this.runs}`;
    this.runs += 1;
    this.queue = queue;
    this.running = { cell, run, began: false, replied: undefined, quiet: false };
    return this.effect({ do: 'mark', cells: [cell], as: 'running' }).effect({ do: 'execute', cell, run });
  }

  /** The cell that runs has ended; what waited behind one that failed does not run (WR3). */
  end(status: ReplyStatus): this {
    const { running } = this;
    if (running === undefined) return this;
    this.running = undefined;
    this.question = undefined;
    this.effect({ do: 'ended', cell: running.cell, run: running.run });
    if (status !== 'ok' && (this.phase === 'ready' || this.phase === 'checking')) this.dropQueue();
    /** After a restart it may wait again. */
    const as = this.queue.includes(running.cell) ? 'pending' : 'idle';
    return this.effect({ do: 'mark', cells: [running.cell], as });
  }

  /** The cell that runs has lost its kernel; it says so unless it was answered already. */
  lose(ename: string, message: string): this {
    const { running } = this;
    if (running === undefined) return this;
    if (running.replied === undefined) this.effect({ do: 'fail', cell: running.cell, fresh: false, ename, message });
    return this.end(running.replied ?? 'aborted');
  }
}
