/** What a worksheet tells its pages beside the document: told when it changes, and what the sandbox uses while somebody listens. */
import type { Clock, Timer } from '../../base/clock.ts';
import type { WorksheetStatus } from '../../wire/worksheet-protocol.ts';
import type { Runner } from './runner.ts';
import { kernelStateOf } from './state.ts';

/** Milliseconds between two looks at what the sandbox uses. */
const LOOK_EVERY = 2000;
/** Many short cells change it often, and it names every cell that waits. Milliseconds. */
const TELL_EVERY = 50;

type Listener = (status: WorksheetStatus) => void;

export class RoomStatus {
  readonly #runner: Pick<Runner, 'state' | 'kernel'>;
  readonly #clock: Clock;
  readonly #listeners = new Set<Listener>();
  #usage: WorksheetStatus['usage'];
  #told = '';
  #toldAt = Number.NEGATIVE_INFINITY;
  #telling: Timer | undefined;
  #looking: Timer | undefined;

  constructor(runner: Pick<Runner, 'state' | 'kernel'>, clock: Clock) {
    this.#runner = runner;
    this.#clock = clock;
    this.#told = JSON.stringify(this.current);
  }

  get current(): WorksheetStatus {
    const { state } = this.#runner;
    const { reason, running, queue, question } = state;
    const usage = state.phase === 'none' ? undefined : this.#usage;
    return { kernel: kernelStateOf(state), reason, running: running?.cell, queue, question, usage };
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    if (this.#looking === undefined) this.#look();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.close();
    };
  }

  changed(): void {
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
    this.#telling = undefined;
    this.#looking = undefined;
  }

  #tell(): void {
    const status = this.current;
    const text = JSON.stringify(status);
    if (text === this.#told) return;
    this.#told = text;
    this.#toldAt = this.#clock.now();
    for (const listener of [...this.#listeners]) listener(status);
  }

  #look(): void {
    this.#looking = this.#clock.after(LOOK_EVERY, () => this.#look());
    const usage = this.#runner.kernel.usage;
    this.#usage =
      usage === undefined ? undefined : { memory: usage.memory.used, limit: usage.memory.limit, cpu: usage.cpu.usec };
    this.changed();
  }
}
