/**
 * How often somebody may try to sign in. Every attempt counts before its password is looked at, so that many at once are no way
 * around it; a right one is given back. The counts are in memory: a restart of the gateway forgets them.
 *
 * Three counts, because each alone harms the wrong people: one name from one address (somebody guesses), one name from
 * everywhere (many machines guess; NIST SP 800-63B-4 §3.2.2 wants at most 100 failures in a row), one address (somebody tries
 * many names; a lecture hall has one address too).
 */
import { createRequire } from 'node:module';
import type { IRateLimiterOptions, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { CarrelError } from '../base/errors.ts';
import { nameKey } from '../base/name-key.ts';

/** The package's other stores would be loaded with it. */
const Limiter = createRequire(import.meta.url)('rate-limiter-flexible/lib/RateLimiterMemory.js') as new (
  options: IRateLimiterOptions,
) => RateLimiterMemory;

const MINUTE = 60;

export class Attempts {
  readonly #pair = new Limiter({ keyPrefix: 'pair', points: 10, duration: 10 * MINUTE });
  readonly #name = new Limiter({ keyPrefix: 'name', points: 60, duration: 60 * MINUTE });
  readonly #address = new Limiter({ keyPrefix: 'address', points: 200, duration: 10 * MINUTE });
  readonly #signUps = new Limiter({ keyPrefix: 'sign-ups', points: 200, duration: 60 * MINUTE });

  /** Counts an attempt at this name's password. Throws `too_many_attempts` with the seconds to wait. */
  async count(name: string, address: string): Promise<void> {
    const key = nameKey(name);
    await take(this.#address, address, 'from this address');
    await take(this.#pair, `${address} ${key}`, 'for this name');
    await take(this.#name, key, 'for this name');
  }

  /** The password was right. */
  async succeeded(name: string, address: string): Promise<void> {
    const key = nameKey(name);
    await this.#pair.delete(`${address} ${key}`);
    await this.#name.reward(key);
    await this.#address.reward(address);
  }

  /** Counts an account that somebody makes. Throws `too_many_attempts` with the seconds to wait. */
  signUp(address: string): Promise<void> {
    return take(this.#signUps, address, 'from this address');
  }
}

async function take(limiter: RateLimiterMemory, key: string, what: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (thrown) {
    if (thrown instanceof Error) throw thrown;
    const retryAfter = Math.max(1, Math.ceil((thrown as RateLimiterRes).msBeforeNext / 1000));
    throw new CarrelError('too_many_attempts', `too many attempts ${what}; try again in ${wait(retryAfter)}`, {
      retryAfter,
    });
  }
}

const wait = (seconds: number): string => (seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`);
