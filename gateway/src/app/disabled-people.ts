/**
 * Ends the kernels of people who are disabled: at once where the gateway itself did it, within seconds where a command did, which
 * writes into the same store and tells nobody.
 */
import type { Accounts } from '../auth/accounts.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { CarrelError } from '../base/errors.ts';
import type { Logger } from '../base/ports.ts';
import type { Kernels } from '../kernel/contract.ts';
import type { Users } from '../store/users.ts';

/** Milliseconds. */
const LOOK_EVERY = 3000;

export interface DisabledPeopleOptions {
  readonly users: Pick<Users, 'disabled'>;
  readonly accounts: Pick<Accounts, 'onEnded'>;
  readonly kernels: Pick<Kernels, 'list' | 'shutdown'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class DisabledPeople {
  readonly #options: DisabledPeopleOptions;
  readonly #forget: () => void;
  #timer: Timer | undefined;
  #looking: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: DisabledPeopleOptions) {
    this.#options = options;
    this.#forget = options.accounts.onEnded(() => void this.look());
    this.#wait();
  }

  /** Resolves when nobody who is disabled has a kernel. One look after the other. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  close(): void {
    this.#closed = true;
    this.#forget();
    this.#timer?.cancel();
  }

  #wait(): void {
    if (this.#closed) return;
    this.#timer = this.#options.clock.after(LOOK_EVERY, () => void this.look().then(() => this.#wait()));
  }

  /** A store that cannot be asked ends nobody's work; it is asked again. */
  async #look(): Promise<void> {
    const { users, kernels, logger } = this.#options;
    if (this.#closed) return;
    try {
      for (const user of await users.disabled())
        for (const { id } of kernels.list(user)) {
          logger.info({ kernel: id, user }, 'its owner is disabled: the kernel is ended');
          await kernels.shutdown(user, id).catch(unlessGone);
        }
    } catch (error) {
      logger.warn({ err: error }, 'the kernels of disabled people could not be ended');
    }
  }
}

function unlessGone(error: unknown): void {
  if (!(error instanceof CarrelError) || (error.code !== 'not_found' && error.code !== 'gone')) throw error;
}
