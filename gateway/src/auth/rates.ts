/**
 * How often is too often: every limit of the web side on how often something may be done, in one table. What counts is behind
 * `RateStore`: the memory of this process, or what several gateways share.
 */
import { createRequire } from 'node:module';
import type { IRateLimiterOptions, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { CarrelError } from '../base/errors.ts';

const MINUTE = 60;

export interface RateLimit {
  /** So many within `seconds`, which begin with the first one. */
  readonly points: number;
  readonly seconds: number;
  /** "60 … for this name in 60 minutes". */
  readonly what: string;
  readonly code: 'too_many_attempts' | 'quota_reached';
}

/**
 * Three counts of sign-ins, because each alone harms the wrong people: one name from one address (somebody guesses), one name from
 * everywhere (many machines guess; NIST SP 800-63B-4 §3.2.2 wants at most 100 failures in a row), one address (somebody tries
 * many names; a lecture hall has one address too). Those of requests are far above what pages and Jupyter's clients send.
 */
export const RATE_LIMITS = {
  signInPair: { points: 10, seconds: 10 * MINUTE, what: 'attempts for this name', code: 'too_many_attempts' },
  signInName: { points: 60, seconds: 60 * MINUTE, what: 'attempts for this name', code: 'too_many_attempts' },
  signInAddress: { points: 200, seconds: 10 * MINUTE, what: 'attempts from this address', code: 'too_many_attempts' },
  signUps: { points: 200, seconds: 60 * MINUTE, what: 'new accounts from this address', code: 'too_many_attempts' },
  refused: { points: 3000, seconds: MINUTE, what: 'refused requests from this address', code: 'too_many_attempts' },
  person: { points: 6000, seconds: MINUTE, what: 'requests of one person', code: 'quota_reached' },
  address: { points: 60_000, seconds: MINUTE, what: 'requests from one address', code: 'quota_reached' },
  /** Reading a notebook, making a file of it, unpacking: seconds of work each. */
  heavy: { points: 120, seconds: MINUTE, what: 'imports and exports of one person', code: 'quota_reached' },
} as const satisfies Record<string, RateLimit>;

export type RateName = keyof typeof RATE_LIMITS;
export type RateLimits = Readonly<Record<RateName, RateLimit>>;

export interface Counted {
  readonly name: string;
  readonly points: number;
  readonly seconds: number;
}

/** Counts of keys that end by themselves. Implementations: `MemoryRates` here, and what gateways share. */
export interface RateStore {
  /** Counts one more; answers the milliseconds to wait where that is too many. */
  take(limit: Counted, key: string): Promise<number | undefined>;
  /** Takes one back. */
  giveBack(limit: Counted, key: string): Promise<void>;
  forget(limit: Counted, key: string): Promise<void>;
}

/** The package's other stores would be loaded with it. */
const OwnLimiter = createRequire(import.meta.url)('rate-limiter-flexible/lib/RateLimiterMemory.js') as new (
  options: IRateLimiterOptions,
) => RateLimiterMemory;

type Limiter = Pick<RateLimiterMemory, 'consume' | 'reward' | 'delete'>;

/** Counts kept by the package's limiters, one for each limit. */
export class LimiterRates implements RateStore {
  readonly #make: (limit: Counted) => Limiter;
  readonly #limiters = new Map<string, Limiter>();

  constructor(make: (limit: Counted) => Limiter) {
    this.#make = make;
  }

  async take(limit: Counted, key: string): Promise<number | undefined> {
    try {
      await this.#of(limit).consume(key);
      return undefined;
    } catch (thrown) {
      if (thrown instanceof Error) throw thrown;
      return (thrown as RateLimiterRes).msBeforeNext;
    }
  }

  async giveBack(limit: Counted, key: string): Promise<void> {
    await this.#of(limit).reward(key);
  }

  async forget(limit: Counted, key: string): Promise<void> {
    await this.#of(limit).delete(key);
  }

  #of(limit: Counted): Limiter {
    const known = this.#limiters.get(limit.name) ?? this.#make(limit);
    this.#limiters.set(limit.name, known);
    return known;
  }
}

/** A restart of the gateway forgets all counts. */
export class MemoryRates extends LimiterRates {
  constructor() {
    super(({ name, points, seconds }) => new OwnLimiter({ keyPrefix: name, points, duration: seconds }));
  }
}

export class Rates {
  readonly #store: RateStore;
  readonly #limits: RateLimits;

  /** `limits`: others than those of the table. */
  constructor(store: RateStore, limits: Partial<RateLimits> = {}) {
    this.#store = store;
    this.#limits = { ...RATE_LIMITS, ...limits };
  }

  /** Throws what the limit says, with the seconds to wait. */
  async take(name: RateName, key: string): Promise<void> {
    const limit = this.#limits[name];
    const ms = await this.#store.take({ ...limit, name }, key);
    if (ms === undefined) return;
    const retryAfter = Math.max(1, Math.ceil(ms / 1000));
    const { points, seconds, what, code } = limit;
    const message = `too many: ${points} ${what} are allowed in ${wait(seconds)}; try again in ${wait(retryAfter)}`;
    throw new CarrelError(code, message, { retryAfter });
  }

  giveBack(name: RateName, key: string): Promise<void> {
    return this.#store.giveBack({ ...this.#limits[name], name }, key);
  }

  forget(name: RateName, key: string): Promise<void> {
    return this.#store.forget({ ...this.#limits[name], name }, key);
  }
}

const wait = (seconds: number): string => (seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`);
