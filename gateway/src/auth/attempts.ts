/**
 * How often somebody may try to sign in. Every attempt counts before its password is looked at, so that many at once are no way
 * around it; a right one is given back. The counts and their reasons are in `rates.ts`.
 */
import { nameKey } from '../base/name-key.ts';
import { networkOf } from './client-address.ts';
import type { Rates } from './rates.ts';

export class Attempts {
  readonly #rates: Rates;

  constructor(rates: Rates) {
    this.#rates = rates;
  }

  /** Counts an attempt at this name's password. Throws `too_many_attempts` with the seconds to wait. */
  async count(name: string, from: string): Promise<void> {
    const address = networkOf(from);
    const key = nameKey(name);
    await this.#rates.take('signInAddress', address);
    await this.#rates.take('signInPair', `${address} ${key}`);
    await this.#rates.take('signInName', key);
  }

  /** The password was right. */
  async succeeded(name: string, from: string): Promise<void> {
    const address = networkOf(from);
    const key = nameKey(name);
    await this.#rates.forget('signInPair', `${address} ${key}`);
    await this.#rates.giveBack('signInName', key);
    await this.#rates.giveBack('signInAddress', address);
  }

  /** Counts an account that somebody makes. Throws `too_many_attempts` with the seconds to wait. */
  signUp(from: string): Promise<void> {
    return this.#rates.take('signUps', networkOf(from));
  }
}
