/**
 * The widgets of the worksheet's kernel as this page knows them: asked for when the first one is shown, followed by notices from then
 * on, and asked for again when the line comes back or the gateway says that they are out of date.
 */
import { type WidgetEvent, type WidgetModel, withUpdate } from '../../../src/wire/widget-models.ts';
import type { AllWidgets } from '../../../src/wire/worksheet-protocol.ts';
import type { Connection } from '../line/connection.ts';
import { Value } from '../shared/value.ts';

/** `unknown`: the gateway has not answered yet. `asking`: the kernel has not. */
export type WidgetsKnown = 'unknown' | 'asking' | 'known';

/** Milliseconds; the line may not stand yet. */
const AGAIN = 1000;

type Follower = (events: readonly WidgetEvent[] | 'anew') => void;

export class LiveWidgets {
  readonly known = new Value<WidgetsKnown>('unknown');
  /** Grows when models come or go. */
  readonly version = new Value(0);
  readonly #connection: Connection;
  #models = new Map<string, WidgetModel>();
  readonly #followers = new Set<Follower>();
  #listening = false;
  /** Answers to earlier questions are not heard. */
  #question = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.onWidgets = (events) => this.#hear(events);
    let live = false;
    connection.save.subscribe(() => {
      const now = connection.save.get().line === 'live';
      if (now && !live && this.#listening) queueMicrotask(() => this.#ask());
      live = now;
    });
  }

  get models(): ReadonlyMap<string, WidgetModel> {
    return this.#models;
  }

  /** From the first call on the page knows the widgets. */
  listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.#ask();
  }

  /** `anew`: everything may be another one. Answers what ends it. */
  follow(follower: Follower): () => void {
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  #ask(): void {
    const question = ++this.#question;
    void this.#connection.command({ do: 'widgets' }).then((answer) => {
      if (question !== this.#question) return;
      if (answer?.say !== 'done') {
        setTimeout(() => question === this.#question && this.#ask(), AGAIN);
        return;
      }
      const { models, asking } = answer.result as AllWidgets;
      this.#models = new Map(models.map((model) => [model.id, model]));
      this.known.set(asking ? 'asking' : 'known');
      this.version.set(this.version.get() + 1);
      for (const follower of this.#followers) follower('anew');
    });
  }

  #hear(events: readonly WidgetEvent[]): void {
    if (!this.#listening) return;
    let counted = false;
    for (const event of events) {
      if (event.is === 'stale') {
        this.#ask();
        return;
      }
      counted = this.#apply(event) || counted;
    }
    if (counted) this.version.set(this.version.get() + 1);
    for (const follower of this.#followers) follower(events);
  }

  /** Answers whether there are others now. */
  #apply(event: WidgetEvent): boolean {
    if (event.is === 'open') this.#models.set(event.model.id, event.model);
    else if (event.is === 'close') this.#models.delete(event.id);
    else if (event.is === 'gone') this.#models.clear();
    else if (event.is === 'update') {
      const model = this.#models.get(event.id);
      if (model !== undefined) this.#models.set(event.id, withUpdate(model, event));
      return false;
    }
    return event.is !== 'custom';
  }
}
