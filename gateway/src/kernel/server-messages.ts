/** Messages that the gateway makes in the kernel's name: notices in a cell's output, answers that a dead kernel owes. Pure. */
import { randomUUID } from 'node:crypto';
import type { Channel, KernelMessage } from '../wire/kernel-message.ts';
import type { PostMortem } from '../wire/memory-facts.ts';
import { makeMessage } from '../wire/wire-message.ts';
import type { ExecutionState } from './contract.ts';

const NO_PARENT = Buffer.from('{}');

/** Why requests are answered by the gateway. `evalue` is written for the person who reads it under the cell. */
export interface Failure {
  readonly ename: string;
  readonly evalue: string;
  /** Of memory that ran out: the highest use in bytes, and all that is known. */
  readonly peak?: number;
  readonly postMortem?: PostMortem;
}

export class ServerMessages {
  /** The kernel's own session id: JupyterLab drops queued messages whose session differs from the last one it saw. */
  session: string = randomUUID();
  /** Of requests that the gateway itself sends; their answers go to nobody. */
  readonly own: string = randomUUID();

  /** One message to stderr of the cell whose request has this header, "[Carrel] …". */
  notice(parent: Buffer, text: string): KernelMessage {
    return this.#make('iopub', 'stream', parent, { name: 'stderr', text: `[Carrel] ${text}\n` });
  }

  status(state: ExecutionState, parent: Buffer = NO_PARENT): KernelMessage {
    return this.#make('iopub', 'status', parent, { execution_state: state });
  }

  /** What is known of memory that ran out is in the metadata: outputs of Jupyter's clients have no place for it. */
  error(parent: Buffer, { ename, evalue, postMortem }: Failure): KernelMessage {
    const content = { ename, evalue, traceback: [`${ename}: ${evalue}`] };
    return this.#make('iopub', 'error', parent, content, postMortem === undefined ? {} : { carrel: { postMortem } });
  }

  /** The reply to a request of this type, status error. */
  reply(channel: Channel, type: string, parent: Buffer, failure: Failure): KernelMessage {
    const { ename, evalue } = failure;
    const content = {
      status: 'error',
      ename,
      evalue,
      traceback: [],
      execution_count: null,
      user_expressions: {},
      payload: [],
    };
    return this.#make(channel, type.replace(/_request$/, '_reply'), parent, content);
  }

  kernelInfoRequest(): KernelMessage {
    return makeMessage('shell', this.#header('kernel_info_request', this.own), NO_PARENT, {});
  }

  variablesRequest(): KernelMessage {
    return makeMessage('control', this.#header('variables_request', this.own), NO_PARENT, {});
  }

  #make(channel: Channel, type: string, parent: Buffer, content: object, metadata: object = {}): KernelMessage {
    return makeMessage(channel, this.#header(type, this.session), parent, content, metadata);
  }

  #header(type: string, session: string) {
    const date = new Date().toISOString();
    return { msg_id: randomUUID(), msg_type: type, username: 'carrel', session, date, version: '5.3' };
  }
}
