/** Every open socket and whose it is: sockets of a person whose right has ended are closed within a second. */
import type { Authenticator } from '../../auth/authenticate.ts';
import type { Principal } from '../../auth/principal.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import { CarrelError } from '../../base/errors.ts';
import type { UserId } from '../../base/ids.ts';
import type { Logger } from '../../base/ports.ts';

const CHECK_EVERY = 1000;
/** RFC 6455 §7.4.1, "policy violation". JupyterLab reconnects, is answered 401 and says so. */
const NO_LONGER_ALLOWED = 1008;
const MOST_PER_PERSON = 1000;

/** What is asked of a socket. */
export interface OpenSocket {
  /** Ends it with a WebSocket close code. */
  close(code: number, reason: string): void;
}

export class OpenSockets {
  readonly #authenticator: Pick<Authenticator, 'stillValid'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #sockets = new Map<OpenSocket, Principal>();
  readonly #perPerson = new Map<UserId, number>();
  /** By what they were opened with, so that the store is asked once for each. */
  readonly #credentials = new Map<string, Set<OpenSocket>>();
  #timer: Timer | undefined;

  constructor(authenticator: Pick<Authenticator, 'stillValid'>, clock: Clock, logger: Logger) {
    this.#authenticator = authenticator;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Throws `quota_reached` where the person has too many open already. */
  requirePlace(user: UserId): void {
    const open = this.#perPerson.get(user) ?? 0;
    if (open >= MOST_PER_PERSON)
      throw new CarrelError('quota_reached', `${open} of ${MOST_PER_PERSON} sockets are open; close some notebooks`);
  }

  get count(): number {
    return this.#sockets.size;
  }

  add(socket: OpenSocket, principal: Principal): void {
    this.#sockets.set(socket, principal);
    this.#perPerson.set(principal.user, (this.#perPerson.get(principal.user) ?? 0) + 1);
    const key = keyOf(principal);
    this.#credentials.set(key, (this.#credentials.get(key) ?? new Set()).add(socket));
    this.#timer ??= this.#clock.after(CHECK_EVERY, () => void this.#check());
  }

  remove(socket: OpenSocket): void {
    const principal = this.#sockets.get(socket);
    if (principal === undefined) return;
    this.#sockets.delete(socket);
    const left = (this.#perPerson.get(principal.user) ?? 0) - 1;
    if (left > 0) this.#perPerson.set(principal.user, left);
    else this.#perPerson.delete(principal.user);
    const key = keyOf(principal);
    const others = this.#credentials.get(key);
    others?.delete(socket);
    if (others?.size === 0) this.#credentials.delete(key);
  }

  closeAll(code: number, reason: string): void {
    for (const socket of this.#sockets.keys()) socket.close(code, reason);
  }

  /** Asks at once: somebody's right may have ended. */
  async recheck(): Promise<void> {
    for (const sockets of [...this.#credentials.values()]) {
      const [first] = sockets;
      const principal = first && this.#sockets.get(first);
      if (principal === undefined || (await this.#stillValid(principal))) continue;
      for (const socket of sockets) socket.close(NO_LONGER_ALLOWED, 'the sign-in has ended');
    }
  }

  async #check(): Promise<void> {
    await this.recheck();
    this.#timer = this.#sockets.size > 0 ? this.#clock.after(CHECK_EVERY, () => void this.#check()) : undefined;
  }

  /** A store that cannot be asked ends nobody's work; it is asked again in a second. */
  async #stillValid(principal: Principal): Promise<boolean> {
    try {
      return await this.#authenticator.stillValid(principal);
    } catch (error) {
      this.#logger.warn({ err: error }, 'the store could not be asked whether sign-ins are still valid');
      return true;
    }
  }
}

const keyOf = ({ via }: Principal): string => (via.kind === 'token' ? `token ${via.id}` : `session ${via.idHash}`);
