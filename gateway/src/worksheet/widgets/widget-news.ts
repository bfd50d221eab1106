/**
 * What pages are to hear of widgets: gathered for a moment, so that a kernel that changes a progress bar in a loop costs one message
 * for many changes. Pure but for the clock.
 */
import type { Clock, Timer } from '../../base/clock.ts';
import { type WidgetEvent, type WidgetModel, withUpdate } from '../../wire/widget-models.ts';

/** Milliseconds between two messages to the pages. */
const TELL_EVERY = 30;
/** Beyond these, pages are told to ask for everything instead. */
const MOST_EVENTS = 5000;
const LARGEST = 16 * 1024 * 1024;

type Update = WidgetModel & { readonly parent?: string };

export class WidgetNews {
  readonly #clock: Clock;
  readonly #tell: (events: readonly WidgetEvent[]) => void;
  #events: WidgetEvent[] = [];
  #size = 0;
  #urgent = false;
  /** Where an update of a model may still be joined to an earlier one. */
  #joinable = new Map<string, number>();
  #toldAt = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  #before: () => void;

  /** `before` is called before a message goes, to add what it has gathered. */
  constructor(clock: Clock, tell: (events: readonly WidgetEvent[]) => void, before: () => void) {
    this.#clock = clock;
    this.#tell = tell;
    this.#before = before;
  }

  add(event: WidgetEvent, size: number): void {
    this.#size += size;
    if (event.is === 'gone' || event.is === 'stale') this.#replace(event);
    else if (this.#events.length >= MOST_EVENTS || this.#size > LARGEST) this.#replace({ is: 'stale' });
    else if (event.is === 'update') this.#update(event);
    else {
      /** A new model may be named by what comes behind it, and a message is about the state before it. */
      this.#joinable.clear();
      this.#events.push(event);
      this.#urgent ||= event.is === 'open';
    }
  }

  /** At the end of a turn: tells now, or when it is time. A new model is there before the output that shows it. */
  settle(): void {
    const wait = this.#toldAt + TELL_EVERY - this.#clock.now();
    if (wait <= 0 || this.#urgent) this.flush();
    else this.#timer ??= this.#clock.after(wait, () => this.flush());
  }

  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#before();
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#clear();
    this.#toldAt = this.#clock.now();
    this.#tell(events);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** An update that answers a page stands for itself: the page knows it by its parent. */
  #update(event: Extract<WidgetEvent, { is: 'update' }>): void {
    const at = event.parent === undefined ? this.#joinable.get(event.id) : undefined;
    const earlier = at === undefined ? undefined : this.#events[at];
    if (at !== undefined && earlier?.is === 'update') {
      const { id, state, buffers }: Update = withUpdate(earlier, event);
      this.#events[at] = { is: 'update', id, state, buffers };
      return;
    }
    if (event.parent === undefined) this.#joinable.set(event.id, this.#events.length);
    else this.#joinable.delete(event.id);
    this.#events.push(event);
  }

  #replace(event: WidgetEvent): void {
    this.#clear();
    this.#events.push(event);
  }

  #clear(): void {
    this.#events = [];
    this.#joinable.clear();
    this.#size = 0;
    this.#urgent = false;
  }
}
