/**
 * Keeps an eye on the engine: first it looks at the world (the list of our containers), then it listens to events, and every
 * now and then it looks again, since the list is the truth. When the engine goes away it says so and tries again for ever.
 */
import type { Clock } from '../base/clock.ts';
import { toCarrelError } from '../base/errors.ts';
import type { Logger } from '../base/ports.ts';
import { Scope } from '../base/scope.ts';
import type { ContainerEvent, ContainerState, Engine, EngineFacts } from '../engine/engine.ts';

export interface WatchEvents {
  /** Called before the list is asked for; what is answered comes back with it. */
  readonly before: () => ReadonlySet<string>;
  readonly available: (facts: EngineFacts) => void;
  /** `first`: since the engine was away or the warden began. */
  readonly listed: (containers: ContainerState[], known: ReadonlySet<string>, first: boolean) => void;
  readonly gone: (message: string) => void;
  readonly event: (event: ContainerEvent) => void;
}

const ASK_MS = 20_000;
const LIST_EVERY_MS = 30_000;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 10_000;

export class EngineWatch {
  readonly #engine: Engine;
  readonly #label: { key: string; value: string };
  readonly #events: WatchEvents;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #stop = new AbortController();

  constructor(
    engine: Engine,
    label: { key: string; value: string },
    events: WatchEvents,
    clock: Clock,
    logger: Logger,
  ) {
    this.#engine = engine;
    this.#label = label;
    this.#events = events;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Resolves after `stop`. */
  async run(): Promise<void> {
    let retry = FIRST_RETRY_MS;
    let told = '';
    while (!this.#stop.signal.aborted) {
      const session = new AbortController();
      const end = () => session.abort();
      this.#stop.signal.addEventListener('abort', end, { once: true });
      try {
        const facts = await this.#engine.facts(Scope.withDeadline('asking the engine', ASK_MS, session.signal));
        /** Subscribed first, so that nothing happens unseen between list and subscription. */
        const events = this.#engine.events(this.#label, session.signal);
        const known = this.#events.before();
        const containers = await this.#list(session.signal);
        this.#events.available(facts);
        this.#events.listed(containers, known, true);
        if (told !== '') this.#logger.info({ engine: facts.name }, 'the engine answers again');
        retry = FIRST_RETRY_MS;
        told = '';
        const looking = this.#lookAgain(session);
        for await (const event of events) this.#events.event(event);
        await looking;
      } catch (error) {
        session.abort();
        if (this.#stop.signal.aborted) break;
        const { message } = toCarrelError(error);
        this.#events.gone(message);
        if (message !== told) this.#logger.error({ err: error }, `${message}; trying again`);
        told = message;
        await this.#pause(retry, this.#stop.signal);
        retry = Math.min(LAST_RETRY_MS, retry * 2);
      } finally {
        session.abort();
        this.#stop.signal.removeEventListener('abort', end);
      }
    }
  }

  stop(): void {
    this.#stop.abort();
  }

  /** An engine that sends no events and does not answer a list either is gone: the session ends. */
  async #lookAgain(session: AbortController): Promise<void> {
    for (;;) {
      await this.#pause(LIST_EVERY_MS, session.signal);
      if (session.signal.aborted) return;
      const known = this.#events.before();
      try {
        this.#events.listed(await this.#list(session.signal), known, false);
      } catch (error) {
        if (session.signal.aborted) return;
        this.#logger.warn({ err: error }, 'the engine does not list its containers');
        session.abort();
        throw error;
      }
    }
  }

  #list(signal: AbortSignal): Promise<ContainerState[]> {
    return this.#engine.list(this.#label, Scope.withDeadline('listing the containers', ASK_MS, signal));
  }

  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.after(ms, resolve);
    const stop = () => resolve();
    signal.addEventListener('abort', stop, { once: true });
    await promise;
    timer.cancel();
    signal.removeEventListener('abort', stop);
  }
}
