/**
 * Brings together what there is and what is wanted: hands ready sandboxes to those who wait, plans new ones where there is room,
 * keeps the pools filled, gives up what is too many, and starts a few at a time.
 */
import type { Clock } from '../base/clock.ts';
import { CarrelError, toCarrelError } from '../base/errors.ts';
import type { PolicyName } from '../base/ids.ts';
import type { Logger } from '../base/ports.ts';
import type { Policy } from '../config/policy.ts';
import type { OpenRequest, PoolStatus, SandboxModel } from '../wire/warden-api.ts';
import { makeRoom, refusal } from './admission.ts';
import type { Fleet } from './fleet.ts';
import { MovingAverage } from './moving-average.ts';
import { Opens, type Queued } from './opens.ts';
import { type PoolCount, Pools } from './pools.ts';
import { type Sandbox, sandboxModel } from './sandbox-state.ts';
import { chooseStarts } from './starts.ts';
import { takeUid } from './uids.ts';
import type { Workshop } from './workshop.ts';

export interface SupplyParts {
  readonly fleet: Fleet;
  readonly policies: ReadonlyMap<PolicyName, Policy>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The user id to try first. */
  readonly nextUid: number;
  /** Undefined while no engine answers. */
  readonly workshop: () => Workshop | undefined;
  readonly publish: (pool: PoolStatus) => void;
}

/** Expected until the first start was measured. */
const FIRST_START_MS = 1500;
/** Starts that may fail below one open before it fails too. */
const FAILED_STARTS = 2;
/** WP8: how long refills wait after a claim, and at most while claims keep coming. */
const REST_MS = 250;
const LONGEST_REST_MS = 2000;

export class Supply {
  readonly pools: Pools;
  readonly opens: Opens;
  readonly #parts: SupplyParts;
  readonly #fleet: Fleet;
  readonly #startMs = new MovingAverage(FIRST_START_MS);
  #nextUid: number;
  #pumping = false;
  #stopped = false;
  /** The first and the last claim of the burst that goes on or went by last. */
  #burst = { first: Number.NEGATIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
  #waking = false;

  constructor(parts: SupplyParts) {
    this.#parts = parts;
    this.#fleet = parts.fleet;
    this.#nextUid = parts.nextUid;
    this.pools = new Pools(parts.policies.values());
    const expected = (place: number) => this.#startMs.value * Math.ceil(place / (parts.workshop()?.slots ?? 1));
    this.opens = new Opens(parts.clock, expected, () => this.pumpSoon());
  }

  /** From the pool at once, or after waiting in line. Throws `no_capacity` with the numbers. */
  async take(
    policy: Policy,
    request: OpenRequest,
    onQueued: (progress: Queued) => void,
    signal: AbortSignal,
  ): Promise<SandboxModel> {
    if (this.opens.of(request.worksheet) === undefined) {
      this.#handOut(policy.name);
      const ready = this.#readyOf(policy.name)[0];
      if (ready !== undefined) return this.#claim(ready, request, true);
      this.#admit(policy);
    }
    const waiting = this.opens.wait(request, onQueued, signal);
    this.pumpSoon();
    return waiting;
  }

  status(): PoolStatus[] {
    return [...this.#parts.policies.keys()].map((policy) => this.pools.status(policy, this.#count(policy)));
  }

  /** A sandbox became ready `ms` milliseconds after its container was asked for. */
  startTook(policy: PolicyName, ms: number): void {
    this.#startMs.add(ms);
    this.pools.filled(policy);
  }

  /** Everything that can be done is done in the next turn; any number of calls is one. */
  pumpSoon(): void {
    if (this.#pumping || this.#stopped) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      if (!this.#stopped) this.#pump();
    });
  }

  stop(): void {
    this.#stopped = true;
  }

  /** What is wrong with the image or the policy fails everybody who waits; anything else only whoever has seen it twice. */
  startFailed(policy: PolicyName, failure: CarrelError): void {
    this.#parts.logger.warn({ err: failure, policy }, 'a sandbox could not be started');
    this.pools.failed(policy, failure.message, this.#parts.clock.now());
    const message = `no sandbox of the policy ${policy}: ${failure.message}`;
    const error = new CarrelError(failure.code, message, { cause: failure });
    const first = this.opens.first(policy);
    if (first === undefined) return;
    if (!error.retry) this.opens.failAll(error, policy);
    else {
      first.failures += 1;
      if (first.failures >= FAILED_STARTS) this.opens.fail(first, error);
    }
  }

  #readyOf(policy: PolicyName): Sandbox[] {
    return this.#unclaimed(policy).filter(({ state, observed }) => state === 'ready' && observed.attached);
  }

  #count(policy: PolicyName): PoolCount {
    const unclaimed = this.#unclaimed(policy);
    const ready = unclaimed.filter((sandbox) => sandbox.state === 'ready').length;
    return { ready, coming: unclaimed.length - ready, waiting: this.opens.waitingFor(policy) };
  }

  #unclaimed(policy: PolicyName): Sandbox[] {
    return this.#fleet.roster.unclaimed(policy);
  }

  #claim(sandbox: Sandbox, { worksheet, policy }: OpenRequest, pooled: boolean): SandboxModel {
    const claimed = this.#fleet.claim(sandbox.facts.id, worksheet, pooled);
    if (claimed === undefined) throw new CarrelError('internal', 'expected a ready sandbox, got one that is not');
    const now = this.#parts.clock.now();
    this.pools.claimed(policy, now);
    this.#burst = { first: now - this.#burst.last < REST_MS ? this.#burst.first : now, last: now };
    return sandboxModel(claimed);
  }

  /** Throws `no_capacity` unless there is room, or room can be made, for one more sandbox that is not yet asked for. */
  #admit(policy: Policy): void {
    const workshop = this.#parts.workshop();
    if (workshop === undefined) return;
    const { ready, coming, waiting } = this.#count(policy.name);
    if (ready + coming > waiting) return;
    this.#makeRoom(workshop, policy);
    this.#plan(workshop, policy);
  }

  #makeRoom({ share }: Workshop, policy: Policy): void {
    const use = this.#fleet.roster.live;
    const spares = this.#spares().map((sandbox) => ({ memory: sandbox.facts.memory, id: sandbox.facts.id }));
    const given = makeRoom(share, use, policy.memory, spares);
    if (given === undefined) {
      const least = spares.reduce(
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
    return [...this.#parts.policies.keys(), ...this.#foreignPolicies()].flatMap((policy) => {
      const unclaimed = this.#unclaimed(policy).sort((a, b) => rank(a) - rank(b));
      return unclaimed.slice(0, Math.max(0, unclaimed.length - this.opens.waitingFor(policy)));
    });
  }

  /** Policies of inherited sandboxes that exist no more. */
  #foreignPolicies(): PolicyName[] {
    const known = this.#parts.policies;
    return this.#fleet.roster.policies().filter((policy) => !known.has(policy));
  }

  #plan(workshop: Workshop, policy: Policy): void {
    const uid = takeUid(workshop.uids, this.#nextUid, this.#fleet.roster.uids);
    this.#nextUid = uid + 1;
    const { name, memory, life } = policy;
    this.#fleet.plan({ policy: name, uid, memory, life, print: workshop.print(policy) });
  }

  /** Brings together what there is and what is wanted: hands out, plans, gives up, starts, tells. */
  #pump(): void {
    const { policies, publish } = this.#parts;
    const workshop = this.#parts.workshop();
    if (workshop !== undefined) {
      for (const policy of policies.values()) {
        this.#handOut(policy.name);
        this.#meetDemand(workshop, policy);
      }
      for (const policy of policies.values()) this.#refill(workshop, policy);
      for (const policy of this.#foreignPolicies()) this.#giveUp(policy, this.#unclaimed(policy).length);
      this.#begin(workshop);
    }
    this.opens.announce();
    for (const pool of this.status()) if (this.pools.isNews(pool)) publish(pool);
  }

  /** Ready sandboxes to those who wait, in the order of arrival. */
  #handOut(policy: PolicyName): void {
    for (const sandbox of this.#readyOf(policy)) {
      const first = this.opens.first(policy);
      if (first === undefined) return;
      try {
        this.opens.serve(first, this.#claim(sandbox, first, false));
      } catch (error) {
        this.opens.fail(first, toCarrelError(error));
      }
    }
  }

  /** Every open that waits has a sandbox on its way, or is told why not. */
  #meetDemand(workshop: Workshop, policy: Policy): void {
    for (;;) {
      const { ready, coming, waiting } = this.#count(policy.name);
      if (ready + coming >= waiting) return;
      try {
        this.#makeRoom(workshop, policy);
        this.#plan(workshop, policy);
      } catch (error) {
        const last = this.opens.waiting.findLast((open) => open.policy === policy.name);
        if (last === undefined) throw error;
        this.opens.fail(last, toCarrelError(error));
      }
    }
  }

  #refill(workshop: Workshop, policy: Policy): void {
    const now = this.#parts.clock.now();
    const wish = this.pools.wish(policy.name, this.#count(policy.name), now);
    if (wish < 0) this.#giveUp(policy.name, -wish);
    if (wish > 0 && this.#rests(now)) return;
    for (let started = 0; started < wish; started += 1) {
      const why = refusal(workshop.share, this.#fleet.roster.live, policy.memory);
      if (why !== undefined) {
        this.pools.crowded(policy.name, why, now);
        return;
      }
      this.#plan(workshop, policy);
    }
  }

  /** WP8: a start takes a processor for half a second, which whoever has just been served needs for the first cell. */
  #rests(now: number): boolean {
    const until = Math.min(this.#burst.last + REST_MS, this.#burst.first + LONGEST_REST_MS);
    if (now >= until) return false;
    if (!this.#waking) {
      this.#waking = true;
      this.#parts.clock.after(until - now, () => {
        this.#waking = false;
        this.pumpSoon();
      });
    }
    return true;
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

  #begin({ slots, share }: Workshop): void {
    const { roster } = this.#fleet;
    const unclaimed = roster.policies().flatMap((policy) => roster.unclaimed(policy));
    const starting = unclaimed.filter(({ state }) => state === 'creating' || state === 'starting');
    const planned = unclaimed.filter(({ state }) => state === 'planned').map(({ facts }) => facts);
    const chosen = chooseStarts({
      planned: planned.sort((a, b) => a.createdAt - b.createdAt),
      running: starting.map((sandbox) => sandbox.facts.policy),
      waiting: this.opens.waiting.map((open) => open.policy),
      slots,
      room: share.memory - roster.begunMemory,
    });
    for (const id of chosen) this.#fleet.begin(id);
  }
}
