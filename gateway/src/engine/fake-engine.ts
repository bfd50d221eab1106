/**
 * An engine in memory that passes the same contract as the real one. Tests script it: what runs in a container is a function,
 * calls can be made slow or fail, containers exit or run out of memory, the engine goes away and comes back.
 */
import { CarrelError } from '../base/errors.ts';
import type { Scope } from '../base/scope.ts';
import { type ContainerPlan, LABELS } from './container-plan.ts';
import type { AttachedStream, ContainerEvent, ContainerState, ContainerUsage, Engine, EngineFacts } from './engine.ts';
import { FakeContainer, type FakeProgram, greetAndEcho } from './fake-container.ts';

const FACTS: EngineFacts = {
  name: 'fake',
  version: '1.0.0',
  apiVersion: '1.41',
  cgroupVersion: 2,
  cgroupDriver: 'cgroupfs',
  rootless: false,
  runtimes: ['runc'],
  defaultRuntime: 'runc',
  securityOptions: [],
  cpus: 2,
  memoryBytes: 16 * 2 ** 30,
  kernelVersion: '6.18.0',
};

/** Each is awaited before the call has its effect; what it throws is the call's failure. */
export interface FakeHooks {
  create?: (plan: ContainerPlan) => void | Promise<void>;
  start?: (container: FakeContainer) => void | Promise<void>;
  attach?: (container: FakeContainer) => void | Promise<void>;
  kill?: (container: FakeContainer) => void | Promise<void>;
  remove?: (container: FakeContainer) => void | Promise<void>;
  list?: () => void | Promise<void>;
}

interface Subscriber {
  readonly matches: (container: FakeContainer) => boolean;
  readonly queue: ContainerEvent[];
  failure: CarrelError | undefined;
  wake: () => void;
}

export class FakeEngine implements Engine {
  readonly images: Set<string>;
  readonly containers = new Map<string, FakeContainer>();
  readonly hooks: FakeHooks = {};
  /** How often each call was made, for instance `calls.create`. */
  readonly calls: Record<string, number> = {};
  /** What a container runs when it is started. */
  program: FakeProgram = greetAndEcho;
  answeredFacts: EngineFacts;
  /** What each running container uses. */
  uses: (containerId: string) => ContainerUsage = () => ({ memory: 32 * 2 ** 20, cpuSeconds: 1 });
  readonly #subscribers = new Set<Subscriber>();
  #away: string | undefined;
  #nextId = 1;

  constructor(options: { images?: readonly string[]; facts?: Partial<EngineFacts> } = {}) {
    this.images = new Set(options.images ?? ['carrel-kernel']);
    this.answeredFacts = { ...FACTS, ...options.facts };
  }

  /** From now on every call fails, subscriptions and streams end; with `stopping`, all containers exit too. */
  goAway(options: { stopping?: boolean } = {}): void {
    this.#away = 'it was told to be away';
    for (const container of this.containers.values()) {
      if (options.stopping) container.exit(137);
      container.cutStreams();
    }
    for (const subscriber of this.#subscribers) {
      subscriber.failure = this.#unavailable();
      subscriber.wake();
    }
  }

  comeBack(): void {
    this.#away = undefined;
  }

  /** The engine reports an out-of-memory kill; with `fatal`, the container exits by it. */
  outOfMemory(containerId: string, options: { fatal?: boolean } = {}): void {
    const container = this.#existing(containerId);
    this.#emit({ type: 'out-of-memory', containerId }, container);
    if (options.fatal) container.exit(137);
  }

  exit(containerId: string, exitCode: number): void {
    this.#existing(containerId).exit(exitCode);
  }

  /** The container of this plan's name; the tests' way to find what was made. */
  named(name: string): FakeContainer | undefined {
    return [...this.containers.values()].find((container) => container.plan.name === name);
  }

  facts(scope: Scope): Promise<EngineFacts> {
    return this.#call('facts', scope, () => this.answeredFacts);
  }

  imageId(image: string, scope: Scope): Promise<string | undefined> {
    return this.#call('imageId', scope, () => (this.images.has(image) ? `sha256:${image}` : undefined));
  }

  create(plan: ContainerPlan, scope: Scope): Promise<string> {
    const make = async () => {
      if (!this.images.has(plan.body.Image)) {
        throw new CarrelError(
          'image_missing',
          `expected the engine to have the image "${plan.body.Image}", got none of this name`,
        );
      }
      await this.hooks.create?.(plan);
      const existing = this.named(plan.name);
      if (existing === undefined) return this.#make(plan);
      const same = (key: string) => existing.plan.body.Labels[key] === plan.body.Labels[key];
      if (same(LABELS.instance) && same(LABELS.sandbox)) return existing.id;
      throw new CarrelError(
        'sandbox_rejected',
        `the engine refused to make the container: the name ${plan.name} is taken`,
      );
    };
    return this.#call('create', scope, make, (id) => this.containers.get(id)?.remove());
  }

  start(containerId: string, scope: Scope): Promise<void> {
    return this.#call('start', scope, async () => {
      const container = this.#existing(containerId);
      await this.hooks.start?.(container);
      if (container.state.status === 'running') return;
      container.start(this.program);
    });
  }

  attach(containerId: string, scope: Scope, onStderr: (text: string) => void = () => {}): Promise<AttachedStream> {
    const attach = async () => {
      const container = this.#existing(containerId);
      await this.hooks.attach?.(container);
      return { stream: container.attach(onStderr) };
    };
    return this.#call('attach', scope, attach, ({ stream }) => stream.destroy());
  }

  kill(containerId: string, scope: Scope): Promise<void> {
    return this.#call('kill', scope, async () => {
      const container = this.containers.get(containerId);
      if (container === undefined) return;
      await this.hooks.kill?.(container);
      container.exit(137);
    });
  }

  remove(containerId: string, scope: Scope): Promise<void> {
    return this.#call('remove', scope, async () => {
      const container = this.containers.get(containerId);
      if (container === undefined) return;
      await this.hooks.remove?.(container);
      container.remove();
    });
  }

  inspect(containerId: string, scope: Scope): Promise<ContainerState | undefined> {
    return this.#call('inspect', scope, () => this.containers.get(containerId)?.state);
  }

  usage(containerId: string, scope: Scope): Promise<ContainerUsage | undefined> {
    return this.#call('usage', scope, () =>
      this.containers.get(containerId)?.state.status === 'running' ? this.uses(containerId) : undefined,
    );
  }

  list(label: { key: string; value: string }, scope: Scope): Promise<ContainerState[]> {
    return this.#call('list', scope, async () => {
      await this.hooks.list?.();
      return [...this.containers.values()]
        .filter((container) => carries(container, label))
        .map((container) => container.state);
    });
  }

  wait(containerId: string, scope: Scope): Promise<number> {
    return this.#call('wait', scope, async () => {
      const container = this.#existing(containerId);
      if (container.state.status === 'created') {
        throw new CarrelError('conflict', 'expected a container that was started, got one that was not');
      }
      return container.ended;
    });
  }

  /** The subscription begins with the call, not with the first `next`. */
  events(label: { key: string; value: string }, signal: AbortSignal): AsyncIterable<ContainerEvent> {
    const subscriber: Subscriber = {
      matches: (container) => carries(container, label),
      queue: [],
      failure: this.#away === undefined ? undefined : this.#unavailable(),
      wake: () => {},
    };
    this.#subscribers.add(subscriber);
    return this.#events(subscriber, signal);
  }

  async *#events(subscriber: Subscriber, signal: AbortSignal): AsyncGenerator<ContainerEvent> {
    signal.addEventListener('abort', () => subscriber.wake(), { once: true });
    try {
      while (!signal.aborted) {
        const event = subscriber.queue.shift();
        if (event !== undefined) yield event;
        else if (subscriber.failure !== undefined) throw subscriber.failure;
        else {
          const { promise, resolve } = Promise.withResolvers<void>();
          subscriber.wake = resolve;
          await promise;
        }
      }
    } finally {
      this.#subscribers.delete(subscriber);
    }
  }

  #make(plan: ContainerPlan): string {
    const id = String(this.#nextId++).padStart(64, '0');
    const container = new FakeContainer(id, plan, (event) => {
      this.#emit(event, container);
      if (event.type === 'removed') this.containers.delete(id);
    });
    this.containers.set(id, container);
    return id;
  }

  #emit(event: ContainerEvent, container: FakeContainer): void {
    if (this.#away !== undefined) return;
    for (const subscriber of this.#subscribers) {
      if (!subscriber.matches(container)) continue;
      subscriber.queue.push(event);
      subscriber.wake();
    }
  }

  #existing(containerId: string): FakeContainer {
    const container = this.containers.get(containerId);
    if (container === undefined) throw new CarrelError('not_found', `the engine has no container ${containerId}`);
    return container;
  }

  #call<T>(name: string, scope: Scope, work: () => T | Promise<T>, onLate?: (value: T) => void): Promise<T> {
    this.calls[name] = (this.calls[name] ?? 0) + 1;
    const guarded = async () => {
      if (this.#away !== undefined) throw this.#unavailable();
      return work();
    };
    return scope.race(guarded(), onLate);
  }

  #unavailable(): CarrelError {
    return new CarrelError('engine_unavailable', `no container engine at fake: ${this.#away}`);
  }
}

const carries = (container: FakeContainer, label: { key: string; value: string }) =>
  container.plan.body.Labels[label.key] === label.value;
