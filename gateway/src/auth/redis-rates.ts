/** Counts that all gateways share. While Redis is away each counts for itself, so that nothing stands still and limits go on (LC7). */
import { createRequire } from 'node:module';
import type { Redis } from 'ioredis';
import type {
  IRateLimiterOptions,
  IRateLimiterRedisOptions,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import type { Counted, RateStore } from './rates.ts';

const require = createRequire(import.meta.url);
/** The package's other stores would be loaded with them. */
const Shared = require('rate-limiter-flexible/lib/RateLimiterRedis.js') as new (
  options: IRateLimiterRedisOptions,
) => RateLimiterRedis;
const Own = require('rate-limiter-flexible/lib/RateLimiterMemory.js') as new (
  options: IRateLimiterOptions,
) => RateLimiterMemory;

export class RedisRates implements RateStore {
  readonly #redis: Redis;
  readonly #limiters = new Map<string, RateLimiterRedis>();

  constructor(redis: Redis) {
    this.#redis = redis;
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

  #of({ name, points, seconds }: Counted): RateLimiterRedis {
    const counted = { points, duration: seconds };
    const known =
      this.#limiters.get(name) ??
      new Shared({
        ...{ storeClient: this.#redis, keyPrefix: `carrel:rate:${name}`, ...counted, rejectIfRedisNotReady: true },
        insuranceLimiter: new Own({ keyPrefix: name, ...counted }),
      });
    this.#limiters.set(name, known);
    return known;
  }
}
