/**
 * One frame of a widget as the page sees it. The frame gets the models that belong to its widget and what happens to them, and is
 * believed nothing but messages to these, within a size and a rate: its content may be anybody's.
 */
import { belongingTo, referencesOf, type WidgetEvent, type WidgetModel } from '../../../src/wire/widget-models.ts';
import type { FrameMessage, FrameStart, ToFrame } from './frame-protocol.ts';

/** Characters of one message as JSON; the gateway reads no more. */
const LARGEST = 5_000_000;
/** Messages that may come at once, and in a second on the average. */
const AT_ONCE = 100;
const PER_SECOND = 60;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export type Models = ReadonlyMap<string, WidgetModel>;
/** Why a message is not passed on. */
export type Refused = 'too large' | 'too many' | 'not alive';

export interface FrameLinkOptions {
  readonly window: Window;
  readonly root: string;
  readonly models: Models;
  /** Whether the models' kernel lives and this person may run code. */
  readonly usable: () => boolean;
  readonly live: boolean;
  /** Resolves when the kernel has dealt with the message, or never will. */
  readonly send: (message: FrameMessage) => Promise<void>;
  readonly refused: (why: Refused) => void;
}

export class FrameLink {
  readonly #options: FrameLinkOptions;
  #inside: ReadonlySet<string>;
  #credit = AT_ONCE;
  #creditAt = performance.now();

  constructor(options: FrameLinkOptions, start: Pick<FrameStart, 'script' | 'texts'>) {
    this.#options = options;
    const { root, models, live } = options;
    this.#inside = belongingTo([root], models);
    this.#post({ carrelStart: { ...start, root, live, models: this.#modelsOf(models, this.#inside) } });
  }

  /** `models`: as they are behind these events. */
  hear(events: readonly WidgetEvent[] | 'anew', models: Models): void {
    if (events === 'anew') this.#renew(models);
    else {
      if (events.some(brings)) this.#bring(models);
      const told = events.filter((event) => isAbout(event, this.#inside));
      if (told.length > 0) this.#post({ carrelEvents: told });
    }
  }

  /** A message of the frame for the kernel; what is none is ignored. */
  take(value: unknown): void {
    const message = readMessage(value);
    if (message === undefined) return;
    const refused = this.#refusal(message);
    const handled = () => this.#post({ carrelHandled: message.id });
    if (refused === undefined) void this.#options.send(message).then(handled, handled);
    else {
      this.#options.refused(refused);
      handled();
    }
  }

  #refusal(message: FrameMessage): Refused | undefined {
    if (!this.#options.usable() || !this.#inside.has(message.model)) return 'not alive';
    const now = performance.now();
    this.#credit = Math.min(AT_ONCE, this.#credit + ((now - this.#creditAt) / 1000) * PER_SECOND);
    this.#creditAt = now;
    if (this.#credit < 1) return 'too many';
    this.#credit -= 1;
    return sizeOf(message) > LARGEST ? 'too large' : undefined;
  }

  /** Models that belong to the widget since these events go first: what names them comes behind. */
  #bring(models: Models): void {
    const inside = belongingTo([this.#options.root], models);
    const fresh = [...inside].filter((id) => !this.#inside.has(id));
    this.#inside = new Set([...this.#inside, ...inside]);
    if (fresh.length > 0) this.#post({ carrelEvents: opened(this.#modelsOf(models, fresh)) });
  }

  #renew(models: Models): void {
    const inside = belongingTo([this.#options.root], models);
    const gone = [...this.#inside].filter((id) => !models.has(id));
    this.#inside = inside;
    const closed = gone.map((id) => ({ is: 'close', id }) as const);
    this.#post({ carrelEvents: [...opened(this.#modelsOf(models, inside)), ...closed] });
  }

  #modelsOf(models: Models, ids: Iterable<string>): WidgetModel[] {
    return [...ids].flatMap((id) => models.get(id) ?? []);
  }

  #post(message: ToFrame): void {
    this.#options.window.postMessage(message, '*');
  }
}

const opened = (models: readonly WidgetModel[]): WidgetEvent[] => models.map((model) => ({ is: 'open', model }));

/** Whether the event may make other models belong to a widget. */
const brings = (event: WidgetEvent): boolean =>
  event.is === 'open' || (event.is === 'update' && referencesOf(event.state).size > 0);

function isAbout(event: WidgetEvent, inside: ReadonlySet<string>): boolean {
  if (event.is === 'update' || event.is === 'custom' || event.is === 'close') return inside.has(event.id);
  return false;
}

function readMessage(value: unknown): FrameMessage | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, model, message, buffers } = value as Record<string, unknown>;
  if (typeof id !== 'string' || !UUID.test(id) || typeof model !== 'string') return undefined;
  if (!Array.isArray(buffers) || !buffers.every((text) => typeof text === 'string' && BASE64.test(text)))
    return undefined;
  if (typeof message !== 'object' || message === null) return undefined;
  const { method, state, paths, content } = message as Record<string, unknown>;
  if (method === 'custom') return { id, model, buffers, message: { method, content } };
  if (method !== 'update' || typeof state !== 'object' || state === null || !Array.isArray(paths)) return undefined;
  return { id, model, buffers, message: { method, state: state as Record<string, unknown>, paths } };
}

/** Infinite for what is no JSON. */
function sizeOf(message: FrameMessage): number {
  try {
    return JSON.stringify(message).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
