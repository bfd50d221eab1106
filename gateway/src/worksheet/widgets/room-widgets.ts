/**
 * The widgets of one open worksheet (docs/spec/worksheet-widgets.md): merges what the kernel says, hands pages' messages to the kernel,
 * tells every page, puts outputs into Output widgets, and keeps the last state in the notebook.
 */
import type * as Y from 'yjs';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Logger } from '../../base/ports.ts';
import { remember } from '../../base/remember.ts';
import type { KernelMessage } from '../../wire/kernel-message.ts';
import type { Json } from '../../wire/notebook.ts';
import type { WidgetEvent, WidgetModel } from '../../wire/widget-models.ts';
import type { AllWidgets, WidgetCommand, WorksheetNotice } from '../../wire/worksheet-protocol.ts';
import type { Outgoing } from '../run/kernel-client.ts';
import { changesOutputs, type RunId, readRun } from '../run/runner-messages.ts';
import { saveWidgets } from './saved-widgets.ts';
import { WidgetCapture } from './widget-capture.ts';
import { WidgetCommands } from './widget-commands.ts';
import { changeOf, commOf, dataOf, WIDGET_TARGET } from './widget-messages.ts';
import { WidgetNews } from './widget-news.ts';
import { WidgetRecall } from './widget-recall.ts';
import { type Merged, WidgetStates } from './widget-states.ts';

const BOUND = { models: 2000, size: 32 * 1024 * 1024 };
/** Milliseconds after the last change, and after the first that is not saved, at which the state goes into the notebook. */
const SAVE_AFTER = 1500;
const SAVE_WITHIN = 10_000;
/** Ids of messages that were dealt with: a line that broke may bring them again. */
const MOST_HEARD = 4000;
/** Ids of models that were closed; whoever closes more before the state is saved may see one of the first as it was saved. */
const MOST_CLOSED = 2000;

export interface RoomWidgetsOptions {
  readonly doc: Y.Doc;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of the messages that this worksheet sends to its kernel. */
  readonly session: string;
  /** Answers the message's id; undefined where no kernel is connected. */
  readonly send: (message: Outgoing) => string | undefined;
  /** To every page. */
  readonly tell: (events: readonly WidgetEvent[]) => void;
  /** An output of a widget's handler: to the cell that made the widget, or, where that is not known, to this cell. */
  readonly print: (cell: RunId | string, type: string, content: Json) => void;
  /** Whether the kernel has been at work on widgets for a while has changed. */
  readonly changed: () => void;
}

const TOO_MUCH: Record<Exclude<Merged, 'done' | 'unknown'>, string> = {
  'too many': `[Carrel] This worksheet has ${BOUND.models} widgets; more are not shown.\n`,
  'too large': `[Carrel] The widgets of this worksheet hold more than ${BOUND.size / 1024 / 1024} MiB; what is beyond is not shown.\n`,
};

export class RoomWidgets {
  readonly #options: RoomWidgetsOptions;
  readonly #states = new WidgetStates(BOUND);
  readonly #news: WidgetNews;
  readonly #recall: WidgetRecall;
  readonly #capture: WidgetCapture;
  readonly #commands: WidgetCommands;
  /** The runs that made the models. */
  readonly #makers = new Map<string, RunId>();
  readonly #heard = new Set<string>();
  readonly #said = new Set<Merged>();
  /** Models that their kernel has closed: nothing of them is to be shown again. */
  readonly #closed = new Set<string>();
  #unsaved: number | undefined;
  #saving: Timer | undefined;

  constructor(options: RoomWidgetsOptions) {
    this.#options = options;
    const { clock, send } = options;
    this.#news = new WidgetNews(clock, options.tell, () => this.#capture.flush());
    this.#capture = new WidgetCapture({
      ...{ doc: options.doc, send },
      modelOf: (id) => this.#states.get(id),
      merge: (change) => this.#merge({ is: 'update', ...change }),
      heard: (id) => void this.#heard.add(id),
    });
    this.#recall = new WidgetRecall({
      send,
      listed: (ids) => this.#listed(ids),
      known: (models) => this.#known(models),
    });
    this.#commands = new WidgetCommands({
      ...{ clock, send, changed: options.changed },
      modelOf: (id) => this.#states.get(id),
      merge: (change) => this.#merge({ is: 'update', ...change }),
      flush: () => this.#news.flush(),
    });
  }

  /** True while a handler of a widget has been at work for a while. */
  get isBusy(): boolean {
    return this.#commands.isBusy;
  }

  /** True while the kernel has messages of pages that it has not dealt with. */
  get isWaiting(): boolean {
    return this.#commands.isWaiting;
  }

  /** All that live, as every page that listens knows them now. */
  get all(): AllWidgets {
    this.#news.flush();
    return { models: [...this.#states.all.values()], asking: this.#recall.isAsking };
  }

  command(command: WidgetCommand, reply: (notice: WorksheetNotice) => void): void {
    this.#commands.take(command, reply);
  }

  /** Takes a message that is about widgets alone; true where it was. To be called in a change of the document. */
  take(message: KernelMessage): boolean {
    const type = message.header.msg_type;
    if (this.#recall.take(message)) return true;
    if (type.startsWith('comm_') && message.channel === 'iopub') {
      if (this.#isNew(message)) this.#comm(type, message);
      return true;
    }
    if (message.parent.session !== this.#options.session) return false;
    if (changesOutputs(type)) return this.#output(type, message);
    if (type === 'status' && message.content['execution_state'] === 'idle') this.#quiet(message.parent.msg_id);
    return false;
  }

  /** At the end of a turn, within its change of the document. */
  settle(): void {
    this.#news.settle();
    this.#capture.keep();
    if (this.#unsaved === undefined) return;
    const { clock } = this.#options;
    const wait = Math.min(SAVE_AFTER, this.#unsaved + SAVE_WITHIN - clock.now());
    this.#saving?.cancel();
    this.#saving = clock.after(Math.max(0, wait), () => this.save());
  }

  /** A kernel was found alive; it is asked when it has answered. */
  expect(): void {
    this.#recall.expect();
  }

  /** Asks the kernel, which was found alive or whose line was gone, for what it has. */
  recall(): void {
    this.#recall.begin();
  }

  /** The kernel is another one, or none: what is shown is what was saved last. */
  gone(reason: string): void {
    this.#capture.flush();
    this.save();
    const lived = this.#states.all.size > 0;
    this.#recall.forget();
    this.#states.clear();
    this.#capture.clear();
    this.#makers.clear();
    this.#heard.clear();
    this.#said.clear();
    this.#closed.clear();
    if (lived) this.#news.add({ is: 'gone' }, 0);
    this.#commands.refuseAll(reason || 'the kernel of this widget has ended');
    /** Behind the change of the document that holds what was saved. */
    queueMicrotask(() => this.#news.settle());
  }

  /** Puts the state into the notebook where it has changed. */
  save(): void {
    this.#saving?.cancel();
    this.#saving = undefined;
    if (this.#unsaved === undefined) return;
    this.#unsaved = undefined;
    const { doc, logger } = this.#options;
    try {
      doc.transact(() => saveWidgets(doc, this.#states.all, this.#closed));
    } catch (error) {
      logger.warn({ err: error }, 'the state of widgets could not be put into the document');
    }
  }

  close(): void {
    this.#capture.flush();
    this.save();
    this.#news.close();
    this.#commands.close();
  }

  #comm(type: string, message: KernelMessage): void {
    const id = commOf(message);
    if (id === undefined) return;
    if (type === 'comm_open' && message.content['target_name'] === WIDGET_TARGET) {
      this.#open(changeOf(message, id), this.#makerOf(message));
    } else if (type === 'comm_close' && this.#states.get(id) !== undefined) this.#close(id);
    else if (type === 'comm_msg' && this.#states.get(id) !== undefined) this.#message(id, message);
    else if (type === 'comm_msg' && dataOf(message)['method'] === 'update') this.#capture.hear(changeOf(message, id));
  }

  #message(id: string, message: KernelMessage): void {
    const data = dataOf(message);
    /** What pages have changed was merged when they asked for it. */
    const own = message.parent.session === this.#options.session;
    if (data['method'] === 'update' || (data['method'] === 'echo_update' && !own)) {
      const change = changeOf(message, id);
      this.#capture.hear(change);
      this.#merge({ is: 'update', ...change });
    } else if (data['method'] === 'custom') {
      const buffers = message.buffers.map((buffer) => buffer.toString('base64'));
      this.#news.add({ is: 'custom', id, content: data['content'], buffers }, message.size);
    }
  }

  #open(model: WidgetModel, maker: RunId | undefined): void {
    const merged = this.#states.put(model);
    if (merged !== 'done') {
      this.#refuse(maker, merged);
      return;
    }
    if (maker !== undefined) this.#makers.set(model.id, maker);
    this.#closed.delete(model.id);
    this.#capture.hear(model);
    this.#news.add({ is: 'open', model }, JSON.stringify(model).length);
    this.#noteChange();
  }

  #close(id: string): void {
    this.#states.remove(id);
    remember(this.#closed, id, MOST_CLOSED);
    this.#capture.forget(id);
    this.#makers.delete(id);
    this.#news.add({ is: 'close', id }, 0);
    this.#noteChange();
  }

  #merge(event: Extract<WidgetEvent, { is: 'update' }>): Merged {
    const { id, state, buffers } = event;
    const merged = this.#states.update({ id, state, buffers });
    if (merged === 'done') {
      this.#news.add(event, JSON.stringify(event).length);
      this.#noteChange();
    } else this.#refuse(this.#makers.get(id), merged);
    return merged;
  }

  /** Said once, at the cell that made the widget. */
  #refuse(maker: RunId | undefined, why: Merged): void {
    if (why === 'done' || why === 'unknown' || maker === undefined || this.#said.has(why)) return;
    this.#said.add(why);
    this.#options.print(maker, 'stream', { name: 'stderr', text: TOO_MUCH[why] });
  }

  #output(type: string, message: KernelMessage): boolean {
    const parent = message.parent.msg_id ?? '';
    if (this.#capture.takes(parent)) {
      if (this.#isNew(message)) this.#capture.take(parent, message);
      return true;
    }
    if (type === 'update_display_data') this.#capture.refresh(message);
    const from = this.#commands.originOf(parent);
    if (from === undefined) return false;
    const cell = this.#makers.get(from.model) ?? from.cell;
    if (cell !== undefined && this.#isNew(message)) this.#options.print(cell, type, message.content);
    return true;
  }

  #quiet(request: string | undefined): void {
    if (request === undefined) return;
    this.#capture.quiet(request);
    this.#commands.quiet(request);
  }

  #makerOf(message: KernelMessage): RunId | undefined {
    const parent = message.parent.msg_id ?? '';
    if (message.parent.session !== this.#options.session) return undefined;
    const origin = this.#commands.originOf(parent);
    return readRun(parent) ?? (origin === undefined ? undefined : this.#makers.get(origin.model));
  }

  #listed(ids: ReadonlySet<string>): void {
    for (const id of [...this.#states.all.keys()]) if (!ids.has(id)) this.#close(id);
    if (ids.size === 0) this.#news.add({ is: 'stale' }, 0);
    this.#news.settle();
  }

  #known(models: readonly WidgetModel[]): void {
    for (const model of models) this.#states.put(this.#capture.recalled(model));
    this.#news.add({ is: 'stale' }, 0);
    this.#noteChange();
  }

  #noteChange(): void {
    this.#unsaved ??= this.#options.clock.now();
  }

  #isNew({ header }: KernelMessage): boolean {
    if (this.#heard.has(header.msg_id)) return false;
    remember(this.#heard, header.msg_id, MOST_HEARD);
    return true;
  }
}
