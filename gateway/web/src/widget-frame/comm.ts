/** A widget's line to its kernel, through the page. */
import type { ICallbacks, IClassicComm } from '@jupyter-widgets/base';
import type { WidgetEvent } from '../../../src/wire/widget-models.ts';
import type { FrameMessage } from '../widgets/frame-protocol.ts';
import { base64Of, bytesOf, uuid } from './bytes.ts';

/** What a model sends: an `update`, or something of its own. */
interface Data {
  readonly method?: string;
  readonly state?: Record<string, unknown>;
  readonly buffer_paths?: (string | number)[][];
  readonly content?: unknown;
}

type Receiver = (message: unknown) => void;

const header = (type: string, id: string) => ({ msg_id: id, msg_type: type });
const status = (state: 'busy' | 'idle', parent: string) => ({
  header: header('status', uuid()),
  parent_header: header('comm_msg', parent),
  content: { execution_state: state },
});

export class FrameComm implements IClassicComm {
  readonly comm_id: string;
  readonly target_name = 'jupyter.widget';
  readonly #post: (message: FrameMessage) => void;
  readonly #waiting = new Map<string, ICallbacks>();
  #onMessage: Receiver = () => {};
  #onClose: Receiver = () => {};

  constructor(id: string, post: (message: FrameMessage) => void) {
    this.comm_id = id;
    this.#post = post;
  }

  /** The gateway knows the comm already. */
  open(): string {
    return '';
  }

  send(
    value: unknown,
    callbacks?: ICallbacks,
    _metadata?: unknown,
    buffers?: ArrayBuffer[] | ArrayBufferView[],
  ): string {
    const data = value as Data;
    const id = uuid();
    if (callbacks !== undefined) this.#waiting.set(id, callbacks);
    const message =
      data.method === 'update'
        ? { method: 'update' as const, state: data.state ?? {}, paths: data.buffer_paths ?? [] }
        : { method: 'custom' as const, content: data.content };
    this.#post({ id, model: this.comm_id, message, buffers: (buffers ?? []).map(base64Of) });
    return id;
  }

  close(): string {
    return '';
  }

  on_msg(receive: Receiver): void {
    this.#onMessage = receive;
  }

  on_close(receive: Receiver): void {
    this.#onClose = receive;
  }

  /** The kernel has dealt with this message; answers whether it was one of this comm. */
  handled(id: string): boolean {
    const callbacks = this.#waiting.get(id);
    if (!this.#waiting.delete(id)) return false;
    const answer = callbacks?.iopub?.['status'] as Receiver | undefined;
    answer?.(status('idle', id));
    return true;
  }

  hear(event: Extract<WidgetEvent, { is: 'update' | 'custom' }>): void {
    const binary = event.is === 'update' ? event.buffers.map(({ data }) => data) : event.buffers;
    const data =
      event.is === 'update'
        ? {
            method: event.parent === undefined ? 'update' : 'echo_update',
            state: { ...event.state },
            buffer_paths: event.buffers.map(({ path }) => path),
          }
        : { method: 'custom', content: event.content };
    this.#onMessage({
      header: header('comm_msg', uuid()),
      parent_header: event.is === 'update' && event.parent !== undefined ? header('comm_msg', event.parent) : {},
      content: { comm_id: this.comm_id, data },
      buffers: binary.map((text) => new DataView(bytesOf(text).buffer)),
    });
  }

  closed(): void {
    this.#onClose({
      header: header('comm_close', uuid()),
      parent_header: {},
      content: { comm_id: this.comm_id, data: {} },
    });
  }
}
