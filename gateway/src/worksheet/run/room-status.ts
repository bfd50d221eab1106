/** What a worksheet tells its pages beside the document, when it changes; what the sandbox uses while somebody listens. */
import { isDeepStrictEqual } from 'node:util';
import type { Clock, Timer } from '../../base/clock.ts';
import type { KernelUsage } from '../../kernel/contract.ts';
import type { ChosenKernel, SandboxUsage, Sleep } from '../../wire/execution-facts.ts';
import { named } from '../../wire/told.ts';
import type { WorksheetStatus } from '../../wire/worksheet-protocol.ts';
import type { OutputSpool } from './output-spool.ts';
import type { Runner } from './runner.ts';
import { kernelStateOf } from './state.ts';

/** Milliseconds between two looks while a cell runs: what it has printed grows without further notice. At rest there is no timer. */
const LOOK_EVERY = 250;
/** Many short cells change it often, and it names every cell that waits. Milliseconds. */
const TELL_EVERY = 50;

type Listener = (status: WorksheetStatus) => void;

type Watched = Pick<Runner, 'state' | 'kernel' | 'widgets'>;

export interface RoomStatusOptions {
  readonly runner: Watched;
  readonly clock: Clock;
  readonly kernelspec: ChosenKernel;
  readonly asleep: Sleep | undefined;
  readonly spool: Pick<OutputSpool, 'files'> | undefined;
}

export class RoomStatus {
  kernelspec: ChosenKernel;
  /** Told while there is no kernel. */
  asleep: Sleep | undefined;
  readonly #runner: Watched;
  readonly #spool: RoomStatusOptions['spool'];
  readonly #clock: Clock;
  readonly #listeners = new Set<Listener>();
  #usage: WorksheetStatus['usage'];
  #told = '';
  #toldAt = Number.NEGATIVE_INFINITY;
  #telling: Timer | undefined;
  #looking: Timer | undefined;

  constructor({ runner, clock, kernelspec, asleep, spool }: RoomStatusOptions) {
    this.#runner = runner;
    this.#clock = clock;
    this.kernelspec = kernelspec;
    this.asleep = asleep;
    this.#spool = spool;
    this.#told = JSON.stringify(this.current);
  }

  get current(): WorksheetStatus {
    const { state, widgets } = this.#runner;
    const { reason, running, queue, question, skipped } = state;
    /** Another kernel has not told yet what it uses. */
    if (state.phase === 'none') this.#usage = undefined;
    /** A widget's handler is work of the kernel that no cell asked for. */
    const kernel = kernelStateOf(state);
    const shown = kernel === 'idle' && widgets.isBusy ? 'busy' : kernel;
    if (state.phase !== 'none' && state.phase !== 'ready') this.asleep = undefined;
    return {
      ...{
        kernel: shown,
        reason,
        ...named(reason),
        running: running?.cell,
        queue,
        question,
        usage: this.#usage,
        skipped,
      },
      asleep: state.phase === 'none' ? this.asleep : undefined,
      waits: state.phase === 'starting' ? this.#runner.kernel.waits : undefined,
      kernelspec: this.kernelspec,
      fullOutputs: state.phase === 'none' ? [] : (this.#spool?.files ?? []),
    };
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    this.used();
    this.changed();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  /** The sandbox has told what it uses. */
  used(): void {
    if (this.#listeners.size === 0) return;
    const usage = this.#runner.kernel.usage;
    const shown = usage && shownUsage(usage);
    if (isDeepStrictEqual(shown, this.#usage)) return;
    this.#usage = shown;
    this.changed();
  }

  changed(): void {
    if (this.#looking === undefined) this.#look();
    if (this.#telling !== undefined || this.#listeners.size === 0) return;
    const wait = this.#toldAt + TELL_EVERY - this.#clock.now();
    if (wait <= 0) this.#tell();
    else
      this.#telling = this.#clock.after(wait, () => {
        this.#telling = undefined;
        this.#tell();
      });
  }

  close(): void {
    this.#listeners.clear();
    this.#telling?.cancel();
    this.#looking?.cancel();
    this.#telling = this.#looking = undefined;
  }

  #look(): void {
    if (this.#runner.state.running === undefined || this.#listeners.size === 0) return;
    this.#looking = this.#clock.after(LOOK_EVERY, () => {
      this.#looking = undefined;
      this.changed();
    });
  }

  #tell(): void {
    const status = this.current;
    const text = JSON.stringify(status);
    if (text === this.#told) return;
    this.#told = text;
    this.#toldAt = this.#clock.now();
    for (const listener of [...this.#listeners]) listener(status);
  }
}

const shownUsage = ({ memory, cpu, short }: KernelUsage): SandboxUsage => ({
  ...{ memory: memory.used, limit: memory.limit, cpu: cpu.usec },
  ...(short === undefined ? {} : { short }),
});
