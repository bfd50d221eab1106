/**
 * The warden: answers opens from the warm pools or lets them wait in line, keeps the pools filled, ends what has had its time,
 * and takes over what an earlier warden left. It decides; `Fleet` performs, `EngineWatch` observes.
 */
import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../base/clock.ts';
import { CarrelError } from '../base/errors.ts';
import type { PolicyName, SandboxId } from '../base/ids.ts';
import type { Logger } from '../base/ports.ts';
import type { LoadedPolicies } from '../config/load-policies.ts';
import type { Policy } from '../config/policy.ts';
import { LABELS } from '../engine/container-plan.ts';
import type { Engine, EngineFacts } from '../engine/engine.ts';
import type { OpenRequest, SandboxModel, WardenEvent, WardenStatus } from '../wire/warden-api.ts';
import { makeRoom, refusal, type Use } from './admission.ts';
import { Controller, DEADLINES, type Deadlines } from './controller.ts';
import { EngineWatch } from './engine-watch.ts';
import { Fleet } from './fleet.ts';
import { inheritAll, reconcile } from './inheritance.ts';
import type { Journal } from './journal.ts';
import type { JournalContent } from './journal-records.ts';
import { MovingAverage } from './moving-average.ts';
import { Opens, type Queued } from './opens.ts';
import { type PoolCount, Pools } from './pools.ts';
import { due } from './reaper.ts';
import { type Sandbox, sandboxModel } from './sandbox-state.ts';
import { chooseStarts } from './starts.ts';
import { takeUid } from './uids.ts';
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
}

type EngineStatus =
  | { readonly state: 'unknown' | 'gone'; readonly message: string }
  | { readonly state: 'available'; readonly message: string; readonly workshop: Workshop };

const TICK_MS = 1000;
/** Expected until the first start was measured. */
const FIRST_START_MS = 1500;
/** Starts that may fail below one open before it fails too. */
const FAILED_STARTS = 2;
const KEEP_ALIVE_MS = 60_000;

export class Warden {
  readonly #parts: WardenParts;
  readonly #fleet: Fleet;
  readonly #pools: Pools;
  readonly #opens: Opens;
  readonly #watch: EngineWatch;
  readonly #startMs = new MovingAverage(FIRST_START_MS);
  readonly #subscribers = new Set<(event: WardenEvent) => void>();
  #engine: EngineStatus = { state: 'unknown', message: 'the engine has not been asked yet' };
  #nextUid: number;
  #pumping = false;
  #stopping = false;
  #tick: Timer | undefined;
  #nextKeepAlive = 0;

  constructor(parts: WardenParts) {
    const { engine, policies, clock, logger, journal, content, instance } = parts;
    this.#parts = parts;
    this.#nextUid = content.nextUid;
    this.#pools = new Pools(policies.policies.values());
    this.#fleet = new Fleet({
      controller: new Controller(engine, clock, parts.deadlines ?? DEADLINES),
      journal,
      clock,
      logger,
      events: {
        publish: (event) => this.#publish(event),
        changed: () => this.#pumpSoon(),
        startFailed: (policy, error) => this.#startFailed(policy, error),
        startTook: (policy, ms) => {
          this.#startMs.add(ms);
          this.#pools.filled(policy);
        },
      },
      plan: (facts, scope) => this.#workshop().plan(this.#policy(facts.policy), facts, scope),
    });
    this.#opens = new Opens(
      clock,
      (place) => this.#startMs.value * Math.ceil(place / this.#slots),
      () => this.#pumpSoon(),
    );
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
    const other = present?.facts.policy ?? this.#opens.of(worksheet)?.policy;
    if (other !== undefined && other !== name) {
      throw new CarrelError('conflict', `the worksheet is open with the policy ${other}, this asks for ${name}`);
    }
    if (present !== undefined) return sandboxModel(present);
    if (this.#engine.state === 'gone') throw new CarrelError('engine_unavailable', this.#engine.message);
    const refused = this.#pools.refusal(name);
    if (refused !== undefined) throw new CarrelError('sandbox_rejected', refused);
    if (this.#opens.of(worksheet) === undefined) {
      this.#handOut(name);
      const ready = this.#readyOf(name)[0];
      if (ready !== undefined) return this.#claim(ready, request, true);
      this.#admit(policy);
    }
    const waiting = this.#opens.wait(request, onQueued, signal);
    this.#pumpSoon();
    return waiting;
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
    const use = this.#fleet.use(isLive);
    const workshop = this.#engine.state === 'available' ? this.#engine.workshop : undefined;
    const { site, policies } = this.#parts.policies;
    return {
      engine: { available: workshop !== undefined, message: this.#engine.message },
      memory: { used: use.memory, share: workshop?.share.memory ?? 0 },
      sandboxes: { used: use.sandboxes, share: site.share.sandboxes },
      pools: [...policies.keys()].map((policy) => this.#pools.status(policy, this.#count(policy))),
    };
  }

  /** Ends every sandbox; resolves with the number of those that are left after `ms` milliseconds. */
  async stop(ms: number): Promise<number> {
    this.#stopping = true;
    this.#tick?.cancel();
    this.#opens.failAll(new CarrelError('warden_unavailable', 'the warden is stopping'));
    for (const sandbox of this.#fleet.all) this.#fleet.end(sandbox.facts.id, 'shutdown');
    if (this.#engine.state === 'available') await this.#fleet.empty(ms);
    this.#watch.stop();
    return this.#fleet.all.length;
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

  get #slots(): number {
    return this.#engine.state === 'available' ? this.#engine.workshop.slots : 1;
  }

  #readyOf(policy: PolicyName): Sandbox[] {
    return this.#fleet.all.filter(
      (sandbox) =>
        sandbox.facts.policy === policy &&
        sandbox.state === 'ready' &&
        sandbox.desired === 'live' &&
        sandbox.observed.attached,
    );
  }

  #count(policy: PolicyName): PoolCount {
    const unclaimed = this.#unclaimed(policy);
    const ready = unclaimed.filter((sandbox) => sandbox.state === 'ready').length;
    return { ready, coming: unclaimed.length - ready, waiting: this.#opens.waitingFor(policy) };
  }

  #unclaimed(policy: PolicyName): Sandbox[] {
    return this.#fleet.all.filter(
      (sandbox) => isLive(sandbox) && sandbox.facts.policy === policy && sandbox.claim === undefined,
    );
  }

  #claim(sandbox: Sandbox, { worksheet, policy }: OpenRequest, pooled: boolean): SandboxModel {
    const claimed = this.#fleet.claim(sandbox.facts.id, worksheet, pooled);
    if (claimed === undefined) throw new CarrelError('internal', 'expected a ready sandbox, got one that is not');
    this.#pools.claimed(policy, this.#parts.clock.now());
    return sandboxModel(claimed);
  }

  /** Throws `no_capacity` unless there is room, or room can be made, for one more sandbox that is not yet asked for. */
  #admit(policy: Policy): void {
    if (this.#engine.state !== 'available') return;
    const { ready, coming, waiting } = this.#count(policy.name);
    if (ready + coming > waiting) return;
    this.#makeRoom(policy);
    this.#plan(policy);
  }

  #makeRoom(policy: Policy): void {
    const { share } = this.#workshop();
    const use = this.#fleet.use(isLive);
    const spares = this.#spares().map((sandbox) => ({ memory: sandbox.facts.memory, id: sandbox.facts.id }));
    const given = makeRoom(share, use, policy.memory, spares);
    if (given === undefined) {
      const least: Use = spares.reduce(
        (left, spare) => ({ memory: left.memory - spare.memory, sandboxes: left.sandboxes - 1 }),
        use,
      );
      throw new CarrelError('no_capacity', refusal(share, least, policy.memory) ?? 'there is no room');
    }
    for (const { id } of given) this.#fleet.end(id, 'closed');
  }

  /** Sandboxes that nobody has and nobody waits for, cheapest to lose first. */
  #spares(): Sandbox[] {
    const order = ['planned', 'ready', 'creating', 'starting'];
    const rank = (sandbox: Sandbox) => order.indexOf(sandbox.state);
    return [...this.#parts.policies.policies.keys(), ...this.#foreignPolicies()].flatMap((policy) => {
      const unclaimed = this.#unclaimed(policy).sort((a, b) => rank(a) - rank(b));
      return unclaimed.slice(0, Math.max(0, unclaimed.length - this.#opens.waitingFor(policy)));
    });
  }

  /** Policies of inherited sandboxes that exist no more. */
  #foreignPolicies(): PolicyName[] {
    const known = this.#parts.policies.policies;
    return [...new Set(this.#fleet.all.map((sandbox) => sandbox.facts.policy))].filter((policy) => !known.has(policy));
  }

  #plan(policy: Policy): void {
    const workshop = this.#workshop();
    const uid = takeUid(workshop.uids, this.#nextUid, this.#fleet.usedUids());
    this.#nextUid = uid + 1;
    const { name, memory, life } = policy;
    this.#fleet.plan({ policy: name, uid, memory, life, print: workshop.print(policy) });
  }

  #pumpSoon(): void {
    if (this.#pumping || this.#stopping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      if (!this.#stopping) this.#pump();
    });
  }

  /** Brings together what there is and what is wanted: hands out, plans, gives up, starts, tells. */
  #pump(): void {
    const { policies } = this.#parts.policies;
    if (this.#engine.state === 'available') {
      for (const policy of policies.values()) {
        this.#handOut(policy.name);
        this.#meetDemand(policy);
      }
      for (const policy of policies.values()) this.#refill(policy);
      for (const policy of this.#foreignPolicies()) this.#giveUp(policy, this.#unclaimed(policy).length);
      this.#begin();
    }
    this.#opens.announce();
    for (const policy of policies.keys()) {
      const pool = this.#pools.status(policy, this.#count(policy));
      if (this.#pools.isNews(pool)) this.#publish({ type: 'pool', pool });
    }
  }

  /** Ready sandboxes to those who wait, in the order of arrival. */
  #handOut(policy: PolicyName): void {
    for (const sandbox of this.#readyOf(policy)) {
      const first = this.#opens.first(policy);
      if (first === undefined) return;
      try {
        this.#opens.serve(first, this.#claim(sandbox, first, false));
      } catch (error) {
        this.#opens.fail(first, error instanceof CarrelError ? error : new CarrelError('internal', String(error)));
      }
    }
  }

  /** Every open that waits has a sandbox on its way, or is told why not. */
  #meetDemand(policy: Policy): void {
    for (;;) {
      const { ready, coming, waiting } = this.#count(policy.name);
      if (ready + coming >= waiting) return;
      try {
        this.#makeRoom(policy);
        this.#plan(policy);
      } catch (error) {
        const last = this.#opens.waiting.findLast((open) => open.policy === policy.name);
        if (last === undefined || !(error instanceof CarrelError)) throw error;
        this.#opens.fail(last, error);
      }
    }
  }

  #refill(policy: Policy): void {
    const now = this.#parts.clock.now();
    const wish = this.#pools.wish(policy.name, this.#count(policy.name), now);
    if (wish < 0) this.#giveUp(policy.name, -wish);
    for (let started = 0; started < wish; started += 1) {
      const why = refusal(this.#workshop().share, this.#fleet.use(isLive), policy.memory);
      if (why !== undefined) {
        this.#pools.crowded(policy.name, why, now);
        return;
      }
      this.#plan(policy);
    }
  }

  /** Those whose start has not begun first, then the oldest; what is being started may become ready before it goes. */
  #giveUp(policy: PolicyName, count: number): void {
    const unclaimed = this.#unclaimed(policy);
    const idle = [
      ...unclaimed.filter((sandbox) => sandbox.state === 'planned'),
      ...unclaimed.filter((sandbox) => sandbox.state === 'ready'),
    ];
    for (const { facts } of idle.slice(0, count)) this.#fleet.end(facts.id, 'closed');
  }

  #begin(): void {
    const { slots, share } = this.#workshop();
    const starting = this.#fleet.all.filter(
      (sandbox) => sandbox.desired === 'live' && (sandbox.state === 'creating' || sandbox.state === 'starting'),
    );
    const chosen = chooseStarts({
      planned: this.#fleet.all.filter((sandbox) => sandbox.state === 'planned').map((sandbox) => sandbox.facts),
      running: starting.map((sandbox) => sandbox.facts.policy),
      waiting: this.#opens.waiting.map((open) => open.policy),
      slots,
      room: share.memory - this.#fleet.use((sandbox) => sandbox.state !== 'planned').memory,
    });
    for (const id of chosen) this.#fleet.begin(id);
  }

  /** What is wrong with the image or the policy fails everybody who waits; anything else only whoever has seen it twice. */
  #startFailed(policy: PolicyName, error: CarrelError): void {
    this.#parts.logger.warn({ err: error, policy }, 'a sandbox could not be started');
    this.#pools.failed(policy, error.message, this.#parts.clock.now());
    const first = this.#opens.first(policy);
    if (first === undefined) return;
    if (!error.retry) this.#opens.failAll(error, policy);
    else {
      first.failures += 1;
      if (first.failures >= FAILED_STARTS) this.#opens.fail(first, error);
    }
  }

  #engineAvailable(facts: EngineFacts): void {
    const { engine, policies, instance, orphanSeconds, logger } = this.#parts;
    const workshop = new Workshop({ engine, facts, policies, instance, orphanSeconds, logger });
    const message = `${facts.name} ${facts.version}`;
    const known = this.#engine.state === 'available';
    this.#engine = { state: 'available', message, workshop };
    for (const policy of policies.policies.values()) {
      const why = workshop.refusal(policy);
      if (why !== undefined && why !== this.#pools.refusal(policy.name)) logger.warn({ policy: policy.name }, why);
      this.#pools.refuse(policy.name, why);
      if (why !== undefined) this.#opens.failAll(new CarrelError('sandbox_rejected', why), policy.name);
    }
    for (const sandbox of this.#fleet.all) {
      const policy = policies.policies.get(sandbox.facts.policy);
      const current = policy !== undefined && workshop.print(policy) === sandbox.facts.print;
      /** A pool of before a change of the policy is worth nothing. */
      if (sandbox.state === 'ready' && !current) this.#fleet.end(sandbox.facts.id, 'closed');
    }
    if (!known) this.#publish({ type: 'engine', available: true, message });
    this.#fleet.resume();
    this.#pumpSoon();
  }

  #engineGone(message: string): void {
    const known = this.#engine.state === 'gone' && this.#engine.message === message;
    this.#engine = { state: 'gone', message };
    this.#fleet.suspect();
    this.#opens.failAll(new CarrelError('engine_unavailable', message));
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
    this.#pumpSoon();
    this.#tick = clock.after(TICK_MS, () => this.#onTick());
  }

  #publish(event: WardenEvent): void {
    for (const listener of this.#subscribers) listener(event);
  }
}

const isLive = (sandbox: Sandbox) => sandbox.desired === 'live';
