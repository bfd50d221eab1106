/**
 * Messages of pages to widgets: each is merged and told to every page at once, so that views stay in step whatever the kernel's
 * ipywidgets repeats, then goes to the kernel, once. It is answered when the kernel has dealt with it.
 */
import type { Clock, Timer } from '../../base/clock.ts';
import type { WidgetBuffer, WidgetModel } from '../../wire/widget-models.ts';
import type { WidgetCommand, WorksheetNotice } from '../../wire/worksheet-protocol.ts';
import type { Outgoing } from '../run/kernel-client.ts';
import type { Merged } from './widget-states.ts';

const MIB = 1024 * 1024;
/** Messages that are remembered, for those that come again and for what handlers print after their end. */
const REMEMBERED = 1000;
/** Messages that the kernel has not dealt with. */
const MOST_WAITING = 500;
/** Bytes of them: JSON of the contents, and buffers. Nothing holds a page up that sends more than the kernel takes. */
const MOST_BYTES = 16 * MIB;
/** A handler that takes longer than this, in milliseconds, shows as work of the kernel. */
const NOTICEABLE = 300;

const DEAD = 'this widget is no longer alive; run its cell again to use it';

export interface WidgetCommandsOptions {
  readonly clock: Clock;
  readonly send: (message: Outgoing) => string | undefined;
  readonly modelOf: (id: string) => WidgetModel | undefined;
  readonly merge: (change: WidgetModel & { readonly parent: string }) => Merged;
  /** Tells pages what was gathered. */
  readonly flush: () => void;
  readonly changed: () => void;
}

type Reply = (notice: WorksheetNotice) => void;

interface Known {
  readonly model: string;
  readonly cell: string | undefined;
  /** Bytes of the message. */
  readonly size: number;
  /** Undefined while the kernel has not dealt with it. */
  answer: WorksheetNotice | undefined;
  replies: Reply[];
}

export class WidgetCommands {
  readonly #options: WidgetCommandsOptions;
  readonly #known = new Map<string, Known>();
  #waiting = 0;
  #waitingBytes = 0;
  #busy = false;
  #noticing: Timer | undefined;

  constructor(options: WidgetCommandsOptions) {
    this.#options = options;
  }

  get isBusy(): boolean {
    return this.#busy;
  }

  get isWaiting(): boolean {
    return this.#waiting > 0;
  }

  /** Where the widget of this message stands, and which one it is. */
  originOf(request: string): { readonly model: string; readonly cell: string | undefined } | undefined {
    return this.#known.get(request);
  }

  take(command: WidgetCommand, reply: Reply): void {
    const before = this.#known.get(command.id);
    if (before?.answer !== undefined) reply(before.answer);
    else if (before !== undefined) before.replies.push(reply);
    else {
      const handed = this.#hand(command);
      if (typeof handed === 'number') this.#remember(command, handed, reply);
      else reply({ say: 'refused', id: command.id, message: handed });
    }
  }

  /** The kernel has dealt with this message. */
  quiet(request: string): void {
    const known = this.#known.get(request);
    if (known === undefined || known.answer !== undefined) return;
    this.#options.flush();
    this.#answer(known, { say: 'done', id: request });
  }

  refuseAll(message: string): void {
    for (const [id, known] of this.#known)
      if (known.answer === undefined) this.#answer(known, { say: 'refused', id, message });
    this.#known.clear();
  }

  close(): void {
    this.#noticing?.cancel();
  }

  /** The bytes of the message, which the kernel has, or why it does not have it. */
  #hand({ id, model, message, buffers: texts }: WidgetCommand): number | string {
    const { modelOf, merge, send } = this.#options;
    const known = modelOf(model);
    if (known === undefined) return DEAD;
    if (this.#waiting >= MOST_WAITING) return `the kernel has ${MOST_WAITING} messages of widgets to deal with first`;
    const buffers = texts.map((text) => Buffer.from(text, 'base64'));
    const data =
      message.method === 'update'
        ? { method: 'update', state: message.state, buffer_paths: message.paths }
        : { method: 'custom', content: message.content };
    const content = { comm_id: model, data };
    const size = sizeOf(content, buffers);
    if (this.#waitingBytes + size > MOST_BYTES)
      return `the kernel has ${inMiB(this.#waitingBytes)} of ${inMiB(MOST_BYTES)} MiB of messages of widgets to deal with first`;
    if (message.method === 'update') {
      const { state, paths } = message;
      const placed = paths.flatMap((path, at): WidgetBuffer[] => [{ path, data: texts[at] ?? '' }]);
      const names = Object.keys(state).concat(placed.map(({ path }) => String(path[0])));
      const strange = names.find((name) => !knows(known, name));
      if (strange !== undefined) return `this widget has no "${strange.slice(0, 60)}"`;
      const merged = merge({ id: model, state, buffers: placed, parent: id });
      if (merged !== 'done') return 'the widgets of this worksheet hold too much; this change is not made';
    }
    if (send({ channel: 'shell', type: 'comm_msg', id, content, buffers }) === undefined) return DEAD;
    this.#options.flush();
    return size;
  }

  #remember({ id, model, cell }: WidgetCommand, size: number, reply: Reply): void {
    this.#known.set(id, { model, cell, size, answer: undefined, replies: [reply] });
    for (const [oldest, { answer }] of this.#known) {
      if (this.#known.size <= REMEMBERED) break;
      if (answer !== undefined) this.#known.delete(oldest);
    }
    this.#waiting += 1;
    this.#waitingBytes += size;
    this.#noticing ??= this.#options.clock.after(NOTICEABLE, () => this.#show(true));
  }

  #answer(known: Known, notice: WorksheetNotice): void {
    known.answer = notice;
    this.#waiting -= 1;
    this.#waitingBytes -= known.size;
    for (const reply of known.replies) reply(notice);
    known.replies = [];
    if (this.#waiting > 0) return;
    this.#noticing?.cancel();
    this.#noticing = undefined;
    this.#show(false);
  }

  #show(busy: boolean): void {
    if (busy === this.#busy) return;
    this.#busy = busy;
    this.#options.changed();
  }
}

const sizeOf = (content: object, buffers: readonly Buffer[]): number =>
  buffers.reduce((sum, { length }) => sum + length, Buffer.byteLength(JSON.stringify(content)));

const inMiB = (bytes: number): number => Number((bytes / MIB).toFixed(1));

const knows = ({ state, buffers }: WidgetModel, name: string): boolean =>
  Object.hasOwn(state, name) || buffers.some(({ path }) => path[0] === name);
