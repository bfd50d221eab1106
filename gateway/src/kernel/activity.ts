/**
 * Execution state and last activity as jupyter_server counts them (services/kernels/kernelmanager.py): only what a person's
 * requests cause counts, so that polls and handshakes neither keep a kernel alive nor make it look busy. Pure.
 */
import type { KernelMessage } from '../wire/kernel-message.ts';
import type { ExecutionState } from './contract.ts';

const UNTRACKED: ReadonlySet<string> = new Set([
  'kernel_info_request',
  'comm_info_request',
  'shutdown_request',
  'interrupt_request',
  'debug_request',
]);
/** Requests that are worked on at the same time (subshells); a kernel that claims more is not believed. */
const MOST_BUSY = 1000;

export interface Cell {
  /** msg_id of its execute_request. */
  readonly id: string;
  /** The header of its request as the kernel repeated it. */
  readonly rawHeader: Buffer;
  readonly since: number;
}

export class Activity {
  #state: ExecutionState = 'starting';
  #lastActivity: number;
  readonly #busy = new Set<string>();
  #cell: Cell | undefined;
  #cellsEnded = 0;

  constructor(lastActivity: number) {
    this.#lastActivity = lastActivity;
  }

  get state(): ExecutionState {
    return this.#state;
  }

  get lastActivity(): number {
    return this.#lastActivity;
  }

  /** The cell that runs. */
  get cell(): Cell | undefined {
    return this.#cell;
  }

  /** How many cells have ended; also those whose kernel died. */
  get cellsEnded(): number {
    return this.#cellsEnded;
  }

  /** A message of the kernel. */
  heard(message: KernelMessage, now: number): void {
    const type = message.header.msg_type;
    const tracked = !UNTRACKED.has(message.parent.msg_type ?? '');
    if ((tracked && message.parent.msg_id !== undefined) || this.#state === 'busy') this.#lastActivity = now;
    if (type !== 'status' || message.contentSize > 1000) return;
    const state = message.content['execution_state'];
    if (tracked) this.#tracked(message, state, now);
    else if (this.#state === 'starting' && state === 'idle') this.#state = 'idle';
  }

  /** A client's message. */
  asked(message: KernelMessage, now: number): void {
    if (!UNTRACKED.has(message.header.msg_type)) this.#lastActivity = now;
  }

  /** A kernel answers and works on nothing; or nothing is known but that it works (`busy`), after a restart of the gateway. */
  become(state: ExecutionState, now: number): void {
    if (state !== this.#state && state !== 'busy') this.#lastActivity = now;
    this.#state = state;
    this.#busy.clear();
    this.#endCell();
  }

  #endCell(): void {
    if (this.#cell !== undefined) this.#cellsEnded += 1;
    this.#cell = undefined;
  }

  #tracked(message: KernelMessage, state: unknown, now: number): void {
    const id = message.parent.msg_id;
    if (id === undefined) {
      if (state === 'idle' && this.#state === 'starting') this.#state = 'idle';
      return;
    }
    if (state === 'busy' && this.#busy.size < MOST_BUSY) {
      this.#busy.add(id);
      this.#state = 'busy';
      if (message.parent.msg_type === 'execute_request') this.#cell = { id, rawHeader: message.rawParent, since: now };
    } else if (state === 'idle') {
      this.#busy.delete(id);
      if (this.#cell?.id === id) this.#endCell();
      if (this.#busy.size === 0 && (this.#state === 'busy' || this.#state === 'starting')) this.#state = 'idle';
    }
  }
}
