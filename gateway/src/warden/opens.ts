/**
 * The queue of opens that wait for a sandbox, in the order of arrival. Several requests for one worksheet share a place; a place
 * whose last client has gone is given up. Everybody who waits is told place and expected wait, at most twice a second.
 */
import type { Clock } from '../base/clock.ts';
import { CarrelError } from '../base/errors.ts';
import type { PolicyName, WorksheetId } from '../base/ids.ts';
import type { OpenProgress, OpenRequest, SandboxModel } from '../wire/warden-api.ts';

export type Queued = Extract<OpenProgress, { type: 'queued' }>;

export interface WaitingOpen extends OpenRequest {
  /** Starts that failed while this one was the first of its policy. */
  failures: number;
}

interface Listener {
  readonly onQueued: (progress: Queued) => void;
  readonly resolve: (sandbox: SandboxModel) => void;
  readonly reject: (error: CarrelError) => void;
  told: string;
}

interface Place extends WaitingOpen {
  readonly listeners: Set<Listener>;
}

const LONGEST_QUEUE = 1000;
const TELL_EVERY_MS = 500;

export class Opens {
  readonly #clock: Clock;
  readonly #expectedMs: (place: number) => number;
  /** A place was given up. */
  readonly #givenUp: () => void;
  #places: Place[] = [];
  #telling = false;

  constructor(clock: Clock, expectedMs: (place: number) => number, givenUp: () => void) {
    this.#clock = clock;
    this.#expectedMs = expectedMs;
    this.#givenUp = givenUp;
  }

  get waiting(): readonly WaitingOpen[] {
    return this.#places;
  }

  waitingFor(policy: PolicyName): number {
    return this.#places.filter((place) => place.policy === policy).length;
  }

  first(policy: PolicyName): WaitingOpen | undefined {
    return this.#places.find((place) => place.policy === policy);
  }

  of(worksheet: WorksheetId): WaitingOpen | undefined {
    return this.#places.find((place) => place.worksheet === worksheet);
  }

  /** Waits in line, at the place of the same worksheet where it has one. Leaves the line when `signal` aborts. */
  wait(request: OpenRequest, onQueued: (progress: Queued) => void, signal: AbortSignal): Promise<SandboxModel> {
    let place = this.#places.find((other) => other.worksheet === request.worksheet);
    if (place === undefined) {
      if (this.#places.length >= LONGEST_QUEUE) {
        throw new CarrelError('no_capacity', `places in the queue: ${LONGEST_QUEUE} of ${LONGEST_QUEUE} in use`);
      }
      place = { ...request, failures: 0, listeners: new Set() };
      this.#places.push(place);
    }
    const joined = place;
    return new Promise((resolve, reject) => {
      const listener: Listener = { onQueued, resolve, reject, told: '' };
      joined.listeners.add(listener);
      const leave = () => {
        joined.listeners.delete(listener);
        reject(new CarrelError('gone', 'the client has left the queue'));
        if (joined.listeners.size === 0 && this.#remove(joined)) this.#givenUp();
      };
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      this.#tell(joined, listener);
    });
  }

  serve(open: WaitingOpen, sandbox: SandboxModel): void {
    for (const listener of this.#settle(open)) listener.resolve(sandbox);
  }

  fail(open: WaitingOpen, error: CarrelError): void {
    for (const listener of this.#settle(open)) listener.reject(error);
  }

  failAll(error: CarrelError, policy?: PolicyName): void {
    const places = this.#places.filter((place) => policy === undefined || place.policy === policy);
    for (const place of places) this.fail(place, error);
  }

  /** Tells everybody whose place has changed, soon. */
  announce(): void {
    if (this.#telling || this.#places.length === 0) return;
    this.#telling = true;
    this.#clock.after(TELL_EVERY_MS, () => {
      this.#telling = false;
      for (const place of this.#places) for (const listener of place.listeners) this.#tell(place, listener);
    });
  }

  #settle(open: WaitingOpen): Listener[] {
    const place = this.#places.find((other) => other === open);
    if (place === undefined) return [];
    this.#remove(place);
    this.announce();
    return [...place.listeners];
  }

  #remove(place: Place): boolean {
    const at = this.#places.indexOf(place);
    if (at >= 0) this.#places.splice(at, 1);
    return at >= 0;
  }

  #tell(place: Place, listener: Listener): void {
    const at = this.#places.indexOf(place) + 1;
    const queued: Queued = {
      type: 'queued',
      place: at,
      of: this.#places.length,
      expectedMs: Math.round(this.#expectedMs(at)),
    };
    const text = JSON.stringify(queued);
    if (text === listener.told) return;
    listener.told = text;
    listener.onQueued(queued);
  }
}
