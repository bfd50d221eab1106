/**
 * People are found by their exact name only; who tries many names to learn which there are is stopped for a while. The counts
 * are in memory: a restart of the gateway forgets them.
 */
import { createRequire } from 'node:module';
import type { IRateLimiterOptions, RateLimiterMemory } from 'rate-limiter-flexible';
import { CarrelError } from '../../base/errors.ts';
import type { UserId } from '../../base/ids.ts';

/** The package's other stores would be loaded with it. */
const Limiter = createRequire(import.meta.url)('rate-limiter-flexible/lib/RateLimiterMemory.js') as new (
  options: IRateLimiterOptions,
) => RateLimiterMemory;

/** Names that were not found, and the seconds in which they count. */
const MOST = 30;
const DURATION = 600;

export class NameGuesses {
  readonly #misses = new Limiter({ keyPrefix: 'names', points: MOST, duration: DURATION });

  /** Throws `too_many_attempts` where the person has guessed too often, also for a name that there is. */
  async require(person: UserId): Promise<void> {
    const found = await this.#misses.get(person);
    if (found === null || found.consumedPoints < MOST) return;
    const retryAfter = Math.max(1, Math.ceil(found.msBeforeNext / 1000));
    const message = `${MOST} names were not found; try again in ${Math.ceil(retryAfter / 60)} minutes`;
    throw new CarrelError('too_many_attempts', message, { retryAfter });
  }

  /** The name was not found. */
  async missed(person: UserId): Promise<void> {
    await this.#misses.penalty(person);
  }
}
