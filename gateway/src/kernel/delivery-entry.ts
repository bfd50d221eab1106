/** One message of the delivery log, and who still needs it. */
import type { KernelMessage } from '../wire/kernel-message.ts';

/** A session key, or everybody (iopub). */
export type Target = string | 'everybody';

/** AF16 allows an agent to drop the same ones. */
const DROPPABLE: ReadonlySet<string> = new Set([
  'stream',
  'display_data',
  'execute_result',
  'update_display_data',
  'clear_output',
  'comm_msg',
  'error',
]);

/** What an entry costs beside its message, in bytes: it, its place in queues, parsed headers. */
const OVERHEAD = 512;

export class Entry {
  readonly number: number;
  readonly message: KernelMessage;
  readonly target: Target;
  /** The agent's frame that carried it; undefined for messages of the gateway. */
  readonly frame: number | undefined;
  /** Sessions that have not confirmed it, and those of them that have no socket. */
  holders = 0;
  retained = 0;
  /** Whether any session has confirmed it. */
  seen = false;
  /** Whether the agent need not keep it any longer. */
  settled = false;

  constructor(number: number, message: KernelMessage, target: Target, frame: number | undefined) {
    this.number = number;
    this.message = message;
    this.target = target;
    this.frame = frame;
  }

  /** msg_id of the request that caused it. */
  get cell(): string | undefined {
    return this.message.parent.msg_id;
  }

  get weight(): number {
    return this.message.size + OVERHEAD;
  }

  /**
   * JupyterLab closes its socket on "restarting" and opens another one, before it could confirm: written is delivered here, or
   * it would meet the same message again and again.
   */
  get deliveredByWriting(): boolean {
    return this.frame === undefined && this.message.header.msg_type === 'status' && this.cell === undefined;
  }

  get droppable(): boolean {
    return this.target === 'everybody' && DROPPABLE.has(this.message.header.msg_type);
  }
}

/** Stands where output was cut; its message is made when it is sent, with the counts of that moment. */
export class Cut {
  readonly rawParent: Buffer;
  readonly cell: string | undefined;
  messages = 0;
  bytes = 0;

  constructor(first: Entry) {
    this.rawParent = first.message.rawParent;
    this.cell = first.cell;
  }

  add(entry: Entry): void {
    this.messages += 1;
    this.bytes += entry.message.size;
  }
}
