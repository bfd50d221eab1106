/**
 * Asks a kernel that was found alive for its widgets: first whether it has any, then for all states at once over the control comm,
 * and each comm for its own where the kernel's ipywidgets is too old for that.
 */
import { randomUUID } from 'node:crypto';
import type { KernelMessage } from '../../wire/kernel-message.ts';
import type { WidgetModel } from '../../wire/widget-models.ts';
import type { Outgoing } from '../run/kernel-client.ts';
import { CONTROL_TARGET, changeOf, commOf, commsOf, dataOf, statesOf, WIDGET_TARGET } from './widget-messages.ts';

/** Of the control comm's protocol. */
const VERSION = '1.0.0';
/** Comms that are asked one by one. */
const MOST = 2000;

export interface RecallOptions {
  /** Answers the message's id; undefined where no kernel is connected. */
  readonly send: (message: Outgoing) => string | undefined;
  /** The kernel has these comms and no others. */
  readonly listed: (ids: ReadonlySet<string>) => void;
  readonly known: (models: readonly WidgetModel[]) => void;
}

export class WidgetRecall {
  readonly #options: RecallOptions;
  #expected = false;
  #question: string | undefined;
  #comms: readonly string[] = [];
  #control: { readonly comm: string; readonly request: string } | undefined;
  /** Comms by the message that asked for their state. */
  readonly #single = new Map<string, string>();

  constructor(options: RecallOptions) {
    this.#options = options;
  }

  /** The kernel is to be asked when it can answer. */
  expect(): void {
    this.#expected = true;
  }

  begin(): void {
    this.forget();
    const content = { target_name: WIDGET_TARGET };
    this.#question = this.#options.send({ channel: 'shell', type: 'comm_info_request', content });
  }

  /** The kernel has not said yet what it has. */
  get isAsking(): boolean {
    return this.#expected || this.#question !== undefined || this.#control !== undefined || this.#single.size > 0;
  }

  /** The kernel is another one. */
  forget(): void {
    this.#expected = false;
    this.#question = undefined;
    this.#control = undefined;
    this.#single.clear();
  }

  /** Takes an answer to what was asked here; true where it was one. */
  take(message: KernelMessage): boolean {
    const type = message.header.msg_type;
    const parent = message.parent.msg_id;
    if (parent === undefined) return false;
    if (type === 'comm_info_reply' && parent === this.#question) {
      this.#question = undefined;
      this.#listed(commsOf(message));
      return true;
    }
    if (parent === this.#control?.request) return this.#controlled(type, message);
    if (type !== 'comm_msg') return false;
    const single = this.#single.get(parent);
    if (single === undefined || commOf(message) !== single || dataOf(message)['method'] !== 'update') return false;
    this.#single.delete(parent);
    this.#options.known([changeOf(message, single)]);
    return true;
  }

  #listed(comms: readonly string[]): void {
    this.#comms = comms.slice(0, MOST);
    this.#options.listed(new Set(comms));
    if (comms.length === 0) return;
    const comm = randomUUID();
    const { send } = this.#options;
    const content = { comm_id: comm, target_name: CONTROL_TARGET, data: {} };
    send({ channel: 'shell', type: 'comm_open', content, metadata: { version: VERSION } });
    const data = { method: 'request_states' };
    const request = send({ channel: 'shell', type: 'comm_msg', content: { comm_id: comm, data } });
    this.#control = request === undefined ? undefined : { comm, request };
  }

  #controlled(type: string, message: KernelMessage): boolean {
    const isIdle = type === 'status' && message.content['execution_state'] === 'idle';
    if (!isIdle && (type !== 'comm_msg' || commOf(message) !== this.#control?.comm)) return false;
    const { comm } = this.#control ?? {};
    this.#control = undefined;
    this.#options.send({ channel: 'shell', type: 'comm_close', content: { comm_id: comm, data: {} } });
    if (isIdle) this.#askEach();
    else this.#options.known(statesOf(message));
    return !isIdle;
  }

  #askEach(): void {
    for (const comm of this.#comms) {
      const content = { comm_id: comm, data: { method: 'request_state' } };
      const id = this.#options.send({ channel: 'shell', type: 'comm_msg', content });
      if (id !== undefined) this.#single.set(id, comm);
    }
  }
}
