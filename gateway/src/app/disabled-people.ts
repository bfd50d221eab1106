/**
 * Ends the kernels of people who are disabled: at once where the gateway itself did it, within seconds where a command did, which
 * writes into the same store and tells nobody.
 */
import type { Accounts } from '../auth/accounts.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { CarrelError } from '../base/errors.ts';
import type { UserId } from '../base/ids.ts';
import type { Logger } from '../base/ports.ts';
import type { Kernels } from '../kernel/contract.ts';
import type { Users } from '../store/users.ts';

/** Milliseconds. */
const LOOK_EVERY = 3000;
/** Who was disabled by a command loses the sockets first, which are looked at each second, with the word that says why (AC14). */
const SOCKETS_FIRST = 1500;

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
  /** Whom the look before has found. */
  #known: ReadonlySet<UserId> = new Set();

  constructor(options: DisabledPeopleOptions) {
    this.#options = options;
    this.#forget = options.accounts.onEnded(() => void this.look(true));
    this.#wait();
  }

  /** Resolves when nobody has a kernel who is disabled and was so at the look before, or now where `atOnce` says so. One after the other. */
  look(atOnce = false): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look(atOnce));
    return this.#looking;
  }

  close(): void {
    this.#closed = true;
    this.#forget();
    this.#timer?.cancel();
  }

  #wait(): void {
    if (this.#closed) return;
    this.#timer = this.#options.clock.after(LOOK_EVERY, () => {
      void this.look().then(() => {
        this.#timer = this.#options.clock.after(SOCKETS_FIRST, () => void this.look().then(() => this.#wait()));
      });
    });
  }

  /** A store that cannot be asked ends nobody's work; it is asked again. */
  async #look(atOnce: boolean): Promise<void> {
    const { users, kernels, logger } = this.#options;
    if (this.#closed) return;
    try {
      const disabled = await users.disabled();
      const due = disabled.filter((user) => atOnce || this.#known.has(user));
      this.#known = new Set(disabled);
      for (const user of due)
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
