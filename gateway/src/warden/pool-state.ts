/**
 * The warm pool of one policy as data: how many sandboxes it wants to have ready, and what it wants done about the difference.
 * It counts what was asked for, not only what is ready. Pure; the rules are those of docs/spec/pool.md.
 */
export interface PoolRule {
  readonly min: number;
  readonly max: number;
  readonly refillAt: number;
}

export interface PoolState {
  readonly rule: PoolRule;
  /** Times of the last claims, newest last, at most `rule.max`. */
  readonly claims: readonly number[];
  /** Refills that failed in a row. */
  readonly failures: number;
  /** No refill before this time. */
  readonly retryAt: number;
  readonly trouble: string | undefined;
}

/** Claims within this time are the demand that the pool prepares for. */
const DEMAND_MS = 5 * 60_000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;

export const newPool = (rule: PoolRule): PoolState => ({
  rule,
  claims: [],
  failures: 0,
  retryAt: 0,
  trouble: undefined,
});

/** A policy whose pool has no maximum is never prepared for. */
export function claimed(pool: PoolState, now: number): PoolState {
  return pool.rule.max === 0 ? pool : { ...pool, claims: [...pool.claims, now].slice(-pool.rule.max) };
}

export function failed(pool: PoolState, trouble: string, now: number): PoolState {
  const failures = pool.failures + 1;
  const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
  return { ...pool, failures, retryAt: now + wait, trouble };
}

/** There is no room: a fact about the host, not a fault of the policy, so the next look is soon. */
export function crowded(pool: PoolState, trouble: string, now: number): PoolState {
  return { ...pool, retryAt: now + FIRST_RETRY_MS, trouble };
}

/** Nothing troubles it any more. */
export function filled(pool: PoolState): PoolState {
  return pool.trouble === undefined && pool.failures === 0
    ? pool
    : { ...pool, failures: 0, retryAt: 0, trouble: undefined };
}

/** How many shall be ready: as many as were claimed lately, between the minimum and the maximum. */
function target({ rule, claims }: PoolState, now: number): number {
  const recent = claims.filter((at) => now - at < DEMAND_MS).length;
  return Math.max(rule.min, Math.min(rule.max, recent));
}

/**
 * `spare`: ready and on their way, less the opens that wait. Answers how many to start (positive) or to give up (negative).
 * Between `refillAt` and the target nothing happens, except that the minimum always holds.
 */
export function wish(pool: PoolState, spare: number, now: number): number {
  const goal = target(pool, now);
  if (spare > goal) return goal - spare;
  const due = spare < pool.rule.min || spare <= pool.rule.refillAt;
  return due && now >= pool.retryAt ? goal - spare : 0;
}

/** As many are ready as it wants, so that there is nothing to be troubled about. */
export const isFull = (pool: PoolState, ready: number, now: number): boolean => {
  const goal = target(pool, now);
  return goal > 0 && ready >= goal;
};
