/** The warden's metrics: sandboxes, pools and the queue. Labels are names of policies, states and reasons only. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { WardenMeter } from '../base/ports.ts';
import type { SandboxModel, WardenEvent, WardenStatus } from '../wire/warden-api.ts';
import { newRegistry, OPENING } from './registry.ts';

/** What is asked of the warden at the moment of a scrape. */
export interface WardenNow {
  list(): readonly SandboxModel[];
  status(): WardenStatus;
}

export class WardenMetrics implements WardenMeter {
  readonly #registry: Registry;
  readonly #startSeconds: Histogram;
  readonly #startFailures: Counter;
  readonly #ends: Counter;
  readonly #kills: Counter;
  readonly #gauges: ReturnType<typeof makeGauges>;
  /** Known once the warden is made. */
  #now: WardenNow | undefined;

  constructor(version: string) {
    const registry = newRegistry(version);
    const registers = [registry];
    this.#registry = registry;
    this.#startSeconds = new Histogram({
      name: 'carrel_start_seconds',
      help: 'From asking the engine for a container until its agent answers.',
      labelNames: ['policy'],
      buckets: OPENING,
      registers,
    });
    this.#startFailures = new Counter({
      name: 'carrel_start_failures_total',
      help: 'Starts of sandboxes that failed.',
      labelNames: ['policy'],
      registers,
    });
    this.#ends = new Counter({
      name: 'carrel_sandbox_ends_total',
      help: 'Sandboxes that have ended, by reason.',
      labelNames: ['reason'],
      registers,
    });
    this.#kills = new Counter({
      name: 'carrel_out_of_memory_kills_total',
      help: 'Out-of-memory kills that the engine has seen in sandboxes.',
      registers,
    });
    this.#gauges = makeGauges(registry);
  }

  started(policy: string, seconds: number): void {
    this.#startSeconds.observe({ policy }, seconds);
  }

  startFailed(policy: string): void {
    this.#startFailures.inc({ policy });
  }

  /** An event of the warden. */
  heard(event: WardenEvent): void {
    if (event.type === 'exit') this.#ends.inc({ reason: event.reason });
    else if (event.type === 'out-of-memory') this.#kills.inc();
  }

  /** From now on what is there can be asked for. */
  watch(now: WardenNow): void {
    this.#now = now;
  }

  /** In Prometheus' format. */
  async text(): Promise<string> {
    if (this.#now !== undefined) this.#set(this.#now.status(), this.#now.list());
    return this.#registry.metrics();
  }

  #set({ engine, memory, sandboxes, pools }: WardenStatus, list: readonly SandboxModel[]): void {
    const gauges = this.#gauges;
    gauges.engine.set(engine.available ? 1 : 0);
    gauges.memory.set(memory.used);
    gauges.memoryShare.set(memory.share);
    gauges.places.set(sandboxes.share);
    gauges.sandboxes.reset();
    for (const { policy, state } of list) gauges.sandboxes.inc({ policy, state });
    for (const { policy, waiting, ready, min, trouble } of pools) {
      gauges.queue.set({ policy }, waiting);
      gauges.ready.set({ policy }, ready);
      gauges.least.set({ policy }, min);
      gauges.troubled.set({ policy }, trouble === undefined ? 0 : 1);
    }
  }
}

function makeGauges(registry: Registry) {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  return {
    engine: gauge('carrel_engine_available', '1 where the container engine answers.'),
    sandboxes: gauge('carrel_sandboxes', 'Sandboxes by policy and state.', ['policy', 'state']),
    queue: gauge('carrel_queue_length', 'Who waits for a sandbox, by policy.', ['policy']),
    ready: gauge('carrel_pool_ready', 'Sandboxes that are ready for somebody.', ['policy']),
    least: gauge('carrel_pool_min', 'Sandboxes that the policy wants to be ready.', ['policy']),
    troubled: gauge('carrel_pool_troubled', '1 where the pool cannot be filled.', ['policy']),
    memory: gauge('carrel_memory_promised_bytes', 'Memory that the sandboxes may use together.'),
    memoryShare: gauge(
      'carrel_memory_share_bytes',
      'Memory that all sandboxes together may have; 0 before the engine answers.',
    ),
    places: gauge('carrel_sandboxes_share', 'Sandboxes that there may be at the same time.'),
  };
}
