/** The warm pools of all policies: what they want, what they are troubled by, and what is told about them. */
import type { PolicyName } from '../base/ids.ts';
import type { Policy } from '../config/policy.ts';
import type { PoolStatus } from '../wire/warden-api.ts';
import { claimed, crowded, failed, filled, isFull, newPool, type PoolState, wish } from './pool-state.ts';

/** What there is for one policy at this moment. */
export interface PoolCount {
  readonly ready: number;
  /** Asked for and not ready: planned, creating, starting. */
  readonly coming: number;
  readonly waiting: number;
}

export class Pools {
  readonly #pools = new Map<PolicyName, PoolState>();
  readonly #told = new Map<PolicyName, string>();
  /** Why the engine can make no sandbox of a policy. */
  readonly #refusals = new Map<PolicyName, string>();

  constructor(policies: Iterable<Policy>) {
    for (const { name, pool } of policies) this.#pools.set(name, newPool(pool));
  }

  /** A policy that is refused has no pool until it is allowed again. */
  refuse(policy: PolicyName, why: string | undefined): void {
    if (why === undefined) this.#refusals.delete(policy);
    else this.#refusals.set(policy, why);
  }

  refusal(policy: PolicyName): string | undefined {
    return this.#refusals.get(policy);
  }

  claimed(policy: PolicyName, now: number): void {
    this.#change(policy, (pool) => claimed(pool, now));
  }

  failed(policy: PolicyName, trouble: string, now: number): void {
    this.#change(policy, (pool) => failed(pool, trouble, now));
  }

  crowded(policy: PolicyName, trouble: string, now: number): void {
    this.#change(policy, (pool) => crowded(pool, trouble, now));
  }

  filled(policy: PolicyName): void {
    this.#change(policy, filled);
  }

  /** Positive: start so many. Negative: give up so many. */
  wish(policy: PolicyName, { ready, coming, waiting }: PoolCount, now: number): number {
    const pool = this.#pools.get(policy);
    const spare = Math.max(0, ready + coming - waiting);
    if (pool === undefined || this.#refusals.has(policy)) return -spare;
    if (isFull(pool, ready - waiting, now)) this.filled(policy);
    return wish(pool, spare, now);
  }

  status(policy: PolicyName, { ready, coming, waiting }: PoolCount): PoolStatus {
    const pool = this.#pools.get(policy) ?? newPool({ min: 0, max: 0, refillAt: 0 });
    const trouble = this.#refusals.get(policy) ?? pool.trouble;
    const { min, max } = pool.rule;
    return { policy, ready, starting: coming, min, max, waiting, ...(trouble === undefined ? {} : { trouble }) };
  }

  /** True when the status differs from the one that was told last. */
  isNews(status: PoolStatus): boolean {
    const text = JSON.stringify(status);
    if (this.#told.get(status.policy) === text) return false;
    this.#told.set(status.policy, text);
    return true;
  }

  #change(policy: PolicyName, change: (pool: PoolState) => PoolState): void {
    const pool = this.#pools.get(policy);
    if (pool !== undefined) this.#pools.set(policy, change(pool));
  }
}
