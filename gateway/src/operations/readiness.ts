/**
 * Whether this gateway can do its work: the store takes what is written, the warden answers, and both go by the same policies. The
 * container engine is told too, but does not count: while it is away people read, write and share as ever.
 *
 * The answer is good for a second, so that nobody who asks makes work.
 */
import type { Clock } from '../base/clock.ts';
import { toCarrelError } from '../base/errors.ts';
import type { Logger } from '../base/ports.ts';
import { Scope } from '../base/scope.ts';
import type { WardenFacts } from '../sandbox/warden-client.ts';
import type { CheckModel, HealthCheck } from '../wire/admin-rest.ts';
import { named } from '../wire/told.ts';
import type { WardenStatus } from '../wire/warden-api.ts';

/** Milliseconds. */
const FRESH = 1000;
const WITHIN = 3000;

export interface ReadinessParts {
  readonly store: { beat(now: number): Promise<void> };
  readonly warden: Pick<WardenFacts, 'status'>;
  /** Names of the policies that this gateway has loaded. */
  readonly policies: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly CheckModel[];
}

export class ReadinessCheck {
  readonly #parts: ReadinessParts;
  #last: { readonly at: number; readonly found: Promise<Readiness> } | undefined;
  #told = '';

  constructor(parts: ReadinessParts) {
    this.#parts = parts;
  }

  /** Never fails, and answers within some seconds. */
  read(): Promise<Readiness> {
    const now = this.#parts.clock.now();
    if (this.#last === undefined || now - this.#last.at >= FRESH) this.#last = { at: now, found: this.#look() };
    return this.#last.found;
  }

  async #look(): Promise<Readiness> {
    const [store, warden] = await Promise.all([this.#store(), this.#warden()]);
    const checks = [store, ...warden];
    const missing = checks.filter(({ check, passed }) => !passed && check !== 'engine');
    this.#tell(missing);
    return { ready: missing.length === 0, checks };
  }

  async #store(): Promise<CheckModel> {
    const { store, clock } = this.#parts;
    const scope = Scope.withDeadline('writing into the store', WITHIN);
    const failure = await scope.race(store.beat(clock.now())).then(
      () => undefined,
      (error: unknown) => messageOf(error),
    );
    return result('store', failure === undefined, failure ?? 'The store takes what is written.');
  }

  async #warden(): Promise<CheckModel[]> {
    const scope = Scope.withDeadline('asking the warden', WITHIN);
    let status: WardenStatus;
    try {
      status = await scope.race(this.#parts.warden.status(scope));
    } catch (error) {
      return [
        result('warden', false, messageOf(error)),
        result('policies', this.#parts.policies.length > 0, `${this.#parts.policies.length} policies are loaded here.`),
        result('engine', false, 'It is not known, because the warden does not answer.'),
      ];
    }
    const { available, message } = status.engine;
    return [
      result('warden', true, 'The warden answers.'),
      this.#policies(status.pools.map(({ policy }) => policy)),
      result('engine', available, message),
    ];
  }

  /** Two that were started with different files would promise what the other refuses. */
  #policies(others: readonly string[]): CheckModel {
    const { policies } = this.#parts;
    const here = policies.filter((name) => !others.includes(name as (typeof others)[number]));
    const there = others.filter((name) => !policies.includes(name));
    if (policies.length === 0) return result('policies', false, 'No policy is loaded.');
    if (here.length + there.length === 0)
      return result('policies', true, `${policies.length} policies are loaded: ${policies.join(', ')}.`);
    const only = (whose: string, names: readonly string[]) =>
      names.length === 0 ? '' : ` Only the ${whose} has ${names.join(', ')}.`;
    const text = `Gateway and warden were started with different policies.${only('gateway', here)}${only('warden', there)} Restart both.`;
    return result('policies', false, text);
  }

  /** The log tells each change once. */
  #tell(missing: readonly CheckModel[]): void {
    const now = missing.map(({ check, message }) => `${check}: ${message}`).join('; ');
    if (now === this.#told) return;
    this.#told = now;
    if (now === '') this.#parts.logger.info({}, 'the gateway is ready again');
    else this.#parts.logger.warn({ missing: missing.map(({ check }) => check) }, `the gateway is not ready: ${now}`);
  }
}

const result = (check: HealthCheck, passed: boolean, message: string): CheckModel => ({
  ...{ check, passed, message },
  ...named(message),
});

/** What a person may read of it; an error of the database's own may carry addresses. */
function messageOf(thrown: unknown): string {
  const error = toCarrelError(thrown);
  return error.code === 'internal' ? 'It failed; the log of the gateway says how.' : error.message;
}
