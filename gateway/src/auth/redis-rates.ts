/** Counts that all gateways share. While Redis is away each counts for itself, so that nothing stands still and limits go on (LC7). */
import { createRequire } from 'node:module';
import type { Redis } from 'ioredis';
import type {
  IRateLimiterOptions,
  IRateLimiterRedisOptions,
  RateLimiterMemory,
  RateLimiterRedis,
} from 'rate-limiter-flexible';
import { LimiterRates } from './rates.ts';

const require = createRequire(import.meta.url);
/** The package's other stores would be loaded with them. */
const Shared = require('rate-limiter-flexible/lib/RateLimiterRedis.js') as new (
  options: IRateLimiterRedisOptions,
) => RateLimiterRedis;
const Own = require('rate-limiter-flexible/lib/RateLimiterMemory.js') as new (
  options: IRateLimiterOptions,
) => RateLimiterMemory;

export class RedisRates extends LimiterRates {
  constructor(redis: Redis) {
    super(({ name, points, seconds }) => {
      const counted = { points, duration: seconds };
      return new Shared({
        ...{ storeClient: redis, keyPrefix: `carrel:rate:${name}`, ...counted, rejectIfRedisNotReady: true },
        insuranceLimiter: new Own({ keyPrefix: name, ...counted }),
      });
    });
  }
}
