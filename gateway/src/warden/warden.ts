/**
 * The warden: answers opens from the warm pools or lets them wait in line, keeps the pools filled, ends what has had its time,
 * and takes over what an earlier warden left. It decides; `Fleet` performs, `EngineWatch` observes.
 */
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../base/clock.ts';
import { CarrelError } from '../base/errors.ts';
import type { PolicyName, SandboxId } from '../base/ids.ts';
import type { Logger, WardenMeter } from '../base/ports.ts';
import type { LoadedPolicies } from '../config/load-policies.ts';
import type { Policy } from '../config/policy.ts';
import { LABELS } from '../engine/container-plan.ts';
import type { Engine, EngineFacts } from '../engine/engine.ts';
import type { OpenRequest, SandboxModel, SandboxUsage, WardenEvent, WardenStatus } from '../wire/warden-api.ts';
import { Controller, DEADLINES, type Deadlines } from './controller.ts';
import { EngineWatch } from './engine-watch.ts';
import { Fleet } from './fleet.ts';
import { inheritAll, reconcile } from './inheritance.ts';
import type { Journal } from './journal.ts';
import type { JournalContent } from './journal-records.ts';
import type { Queued } from './opens.ts';
import { due } from './reaper.ts';
import { sandboxModel } from './sandbox-state.ts';
import { Supply } from './supply.ts';
import { UsageSampler } from './usage.ts';
import { Workshop } from './workshop.ts';

export interface WardenParts {
  readonly engine: Engine;
  readonly policies: LoadedPolicies;
  readonly journal: Pick<Journal, 'append'>;
  /** What the journal held when it was opened. */
  readonly content: JournalContent;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly instance: string;
  /** Milliseconds that a claimed sandbox may be without a gateway's stream. */
  readonly lease: number;
  readonly orphanSeconds: number;
  readonly deadlines?: Deadlines;
  readonly meter?: WardenMeter;
}

type EngineStatus =
  | { readonly state: 'unknown' | 'gone'; readonly message: string }
  | { readonly state: 'available'; readonly message: string; readonly workshop: Workshop };

const TICK_MS = 1000;
const KEEP_ALIVE_MS = 60_000;

export class Warden {
  readonly #parts: WardenParts;
  readonly #fleet: Fleet;
  readonly #supply: Supply;
  readonly #watch: EngineWatch;
  readonly #usage: UsageSampler;
  readonly #subscribers = new Set<(event: WardenEvent) => void>();
  #engine: EngineStatus = { state: 'unknown', message: 'the engine has not been asked yet' };
  #stopping = false;
  #tick: Timer | undefined;
  #nextKeepAlive = 0;

  constructor(parts: WardenParts) {
    const { engine, policies, clock, logger, journal, content, instance } = parts;
    this.#parts = parts;
    this.#fleet = new Fleet({
      controller: new Controller(engine, clock, parts.deadlines ?? DEADLINES),
      journal,
      clock,
      logger,
      events: {
        publish: (event) => this.#publish(event),
        changed: () => this.#supply.pumpSoon(),
        startFailed: (policy, error) => {
          parts.meter?.startFailed(policy);
          this.#supply.startFailed(policy, error);
        },
        startTook: (policy, ms) => {
          parts.meter?.started(policy, ms / 1000);
          this.#supply.startTook(policy, ms);
        },
      },
      plan: (facts, scope) => this.#workshop().plan(this.#policy(facts.policy), facts, scope),
    });
    this.#supply = new Supply({
      fleet: this.#fleet,
      policies: policies.policies,
      clock,
      logger,
      nextUid: content.nextUid,
      workshop: () => (this.#engine.state === 'available' ? this.#engine.workshop : undefined),
      publish: (pool) => this.#publish({ type: 'pool', pool }),
    });
    this.#watch = new EngineWatch(
      engine,
      { key: LABELS.instance, value: instance },
      {
        before: () => this.#fleet.containerIds(),
        available: (facts) => this.#engineAvailable(facts),
        listed: (containers, known, first) => reconcile({ fleet: this.#fleet, ...parts }, containers, known, first),
        gone: (message) => this.#engineGone(message),
        event: (event) => this.#fleet.engineEvent(event),
      },
      clock,
      logger,
    );
    this.#usage = new UsageSampler(engine, clock, () => this.#running());
    inheritAll(this.#fleet, content);
  }

  /** Begins to watch the engine; answers at once. */
  start(): void {
    void this.#watch.run();
    this.#onTick();
  }

  /**
   * A sandbox for the worksheet: the one that it has, one from the pool, or a new one after waiting in line. Throws `conflict`
   * where it is open with another policy, `no_capacity` with the numbers, and what the engine says.
   */
  async open(request: OpenRequest, onQueued: (progress: Queued) => void, signal: AbortSignal): Promise<SandboxModel> {
    const { policy: name, worksheet } = request;
    const policy = this.#policy(name);
    if (this.#stopping) throw new CarrelError('warden_unavailable', 'the warden is stopping');
    const present = this.#fleet.of(worksheet);
    const other = present?.facts.policy ?? this.#supply.opens.of(worksheet)?.policy;
    if (other !== undefined && other !== name) {
      throw new CarrelError('conflict', `the worksheet is open with the policy ${other}, this asks for ${name}`);
    }
    if (present !== undefined) return sandboxModel(present);
    if (this.#engine.state === 'gone') throw new CarrelError('engine_unavailable', this.#engine.message);
    const refused = this.#supply.pools.refusal(name);
    if (refused !== undefined) throw new CarrelError('sandbox_rejected', refused);
    return this.#supply.take(policy, request, onQueued, signal);
  }

  list(): SandboxModel[] {
    return this.#fleet.all.map(sandboxModel);
  }

  /** Ends it; one that has gone is no error. */
  close(id: SandboxId): void {
    this.#fleet.end(id, 'closed');
  }

  /** Throws where no stream can be connected to this sandbox; `connect` may still find it gone. */
  checkStream(id: SandboxId): void {
    const sandbox = this.#fleet.get(id);
    if (sandbox?.desired === 'live' && sandbox.claim !== undefined) {
      if (sandbox.observed.attached) return;
      throw new CarrelError('engine_unavailable', `the sandbox ${id} is being attached to; try again`);
    }
    if (sandbox === undefined && this.#engine.state !== 'available') {
      throw new CarrelError(
        'engine_unavailable',
        `it is not known whether there is a sandbox ${id}: ${this.#engine.message}`,
      );
    }
    throw new CarrelError('not_found', `there is no open sandbox ${id}`);
  }

  connect(id: SandboxId, stream: Duplex): boolean {
    return this.#fleet.connect(id, stream);
  }

  /** The listener is called with a snapshot at once, then with every event until the answered function is called. */
  subscribe(listener: (event: WardenEvent) => void): () => void {
    listener({ type: 'snapshot', sandboxes: this.list() });
    this.#subscribers.add(listener);
    return () => void this.#subscribers.delete(listener);
  }

  status(): WardenStatus {
    const use = this.#fleet.roster.live;
    const workshop = this.#engine.state === 'available' ? this.#engine.workshop : undefined;
    const { site } = this.#parts.policies;
    return {
      engine: { available: workshop !== undefined, message: this.#engine.message },
      memory: { used: use.memory, share: workshop?.share.memory ?? 0 },
      sandboxes: { used: use.sandboxes, share: site.share.sandboxes },
      pools: this.#supply.status(),
    };
  }

  /** What the sandboxes use, as the engine counts it; those that cannot be asked are left out. */
  usage(): Promise<readonly SandboxUsage[]> {
    return this.#usage.read();
  }

  /** Ends every sandbox; resolves with the number of those that are left after `ms` milliseconds. */
  async stop(ms: number): Promise<number> {
    this.#stopping = true;
    this.#tick?.cancel();
    this.#supply.stop();
    this.#supply.opens.failAll(new CarrelError('warden_unavailable', 'the warden is stopping'));
    for (const sandbox of this.#fleet.all) this.#fleet.end(sandbox.facts.id, 'shutdown');
    if (this.#engine.state === 'available') await this.#fleet.empty(ms);
    this.#watch.stop();
    return this.#fleet.all.length;
  }

  #running() {
    return this.#fleet.all.flatMap(({ facts, observed: { container, containerId } }) =>
      container === 'running' && containerId !== undefined ? [{ id: facts.id, containerId }] : [],
    );
  }

  #policy(name: PolicyName): Policy {
    const policy = this.#parts.policies.policies.get(name);
    if (policy !== undefined) return policy;
    throw new CarrelError('not_found', `there is no policy ${name}`);
  }

  #workshop(): Workshop {
    if (this.#engine.state === 'available') return this.#engine.workshop;
    throw new CarrelError('engine_unavailable', this.#engine.message);
  }

  #engineAvailable(facts: EngineFacts): void {
    const { engine, policies, instance, orphanSeconds, logger } = this.#parts;
    const workshop = new Workshop({ engine, facts, policies, instance, orphanSeconds, logger });
    const message = `${facts.name} ${facts.version}`;
    const known = this.#engine.state === 'available';
    this.#engine = { state: 'available', message, workshop };
    for (const policy of policies.policies.values()) {
      const why = workshop.refusal(policy);
      if (why !== undefined && why !== this.#supply.pools.refusal(policy.name))
        logger.warn({ policy: policy.name }, why);
      this.#supply.pools.refuse(policy.name, why);
      if (why !== undefined) this.#supply.opens.failAll(new CarrelError('sandbox_rejected', why), policy.name);
    }
    for (const sandbox of this.#fleet.all) {
      const policy = policies.policies.get(sandbox.facts.policy);
      const current = policy !== undefined && workshop.print(policy) === sandbox.facts.print;
      /** A pool of before a change of the policy is worth nothing. */
      if (sandbox.state === 'ready' && !current) this.#fleet.end(sandbox.facts.id, 'closed');
    }
    if (!known) this.#publish({ type: 'engine', available: true, message });
    this.#fleet.resume();
    this.#supply.pumpSoon();
  }

  #engineGone(message: string): void {
    const known = this.#engine.state === 'gone' && this.#engine.message === message;
    this.#engine = { state: 'gone', message };
    this.#fleet.suspect();
    this.#supply.opens.failAll(new CarrelError('engine_unavailable', message));
    for (const sandbox of this.#fleet.all) {
      if (sandbox.state === 'planned') this.#fleet.end(sandbox.facts.id, 'closed');
    }
    if (!known) this.#publish({ type: 'engine', available: false, message });
  }

  #onTick(): void {
    const { clock, lease, orphanSeconds } = this.#parts;
    const now = clock.now();
    for (const { id, reason } of due(this.#fleet.all, now, lease)) this.#fleet.end(id, reason);
    if (now >= this.#nextKeepAlive) {
      this.#nextKeepAlive = now + Math.min(KEEP_ALIVE_MS, (orphanSeconds * 1000) / 4);
      this.#fleet.keepAlive();
    }
    this.#supply.pumpSoon();
    this.#tick = clock.after(TICK_MS, () => this.#onTick());
  }

  #publish(event: WardenEvent): void {
    for (const listener of this.#subscribers) listener(event);
  }
}
