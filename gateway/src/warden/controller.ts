/**
 * Performs one step for one sandbox and answers what was observed. Every step may be repeated: what is done already counts as
 * done. No engine call is without a deadline.
 */
import { assertNever } from '../base/assert-never.ts';
import type { Clock } from '../base/clock.ts';
import { CarrelError } from '../base/errors.ts';
import { Scope } from '../base/scope.ts';
import { type ContainerPlan, LABELS } from '../engine/container-plan.ts';
import type { Engine } from '../engine/engine.ts';
import type { Sandbox, SandboxEvent } from './sandbox-state.ts';
import type { Step } from './sandbox-steps.ts';
import type { StdioLink } from './stdio-link.ts';
import { Turnstile } from './turnstile.ts';

/** Milliseconds. Generous, because a host that starts a class at once is slow; a hung engine must still be noticed. */
export interface Deadlines {
  readonly create: number;
  readonly start: number;
  readonly ready: number;
  readonly attach: number;
  readonly ask: number;
  readonly kill: number;
  readonly remove: number;
}

export const DEADLINES: Deadlines = {
  create: 60_000,
  start: 60_000,
  ready: 60_000,
  attach: 15_000,
  ask: 15_000,
  kill: 15_000,
  remove: 60_000,
};

/** A class that ends at the same minute must not keep the engine from starting others. */
const ENDINGS_AT_ONCE = 12;
/** What an exited sandbox wrote last may take this long to reach its gateway. */
const LAST_WORDS_MS = 2000;

export interface Workpiece {
  readonly sandbox: Sandbox;
  readonly link: StdioLink;
  /** Cuts off the wait for readiness. */
  readonly signal: AbortSignal;
  readonly plan: (scope: Scope) => Promise<ContainerPlan>;
}

export class Controller {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #deadlines: Deadlines;
  readonly #endings = new Turnstile(ENDINGS_AT_ONCE);

  constructor(engine: Engine, clock: Clock, deadlines: Deadlines = DEADLINES) {
    this.#engine = engine;
    this.#clock = clock;
    this.#deadlines = deadlines;
  }

  /** Throws what the engine said; the caller decides whether to try again or to give the sandbox up. */
  async perform(step: Step, piece: Workpiece): Promise<SandboxEvent> {
    const { sandbox, link } = piece;
    const { containerId } = sandbox.observed;
    const limit = this.#deadlines;
    switch (step) {
      case 'create': {
        const scope = Scope.withDeadline('making the container', limit.create);
        return { type: 'created', containerId: await this.#engine.create(await piece.plan(scope), scope) };
      }
      case 'attach':
        return this.#attach(piece, named(containerId));
      case 'start':
        await this.#engine.start(named(containerId), Scope.withDeadline('starting the container', limit.start));
        return { type: 'started' };
      case 'await-ready':
        return this.#awaitReady(piece);
      case 'find':
        return this.#find(sandbox);
      case 'detach':
        await link.detach(sandbox.observed.container === 'exited' ? LAST_WORDS_MS : 0);
        return { type: 'detached' };
      case 'kill':
        await this.#endings.run(() =>
          this.#engine.kill(named(containerId), Scope.withDeadline('ending the container', limit.kill)),
        );
        return this.#exited(undefined);
      case 'remove':
        if (containerId !== undefined) {
          await this.#endings.run(() =>
            this.#engine.remove(containerId, Scope.withDeadline('removing the container', limit.remove)),
          );
        }
        return { type: 'removed' };
      case 'finish':
        return { type: 'removed' };
      default:
        return assertNever(step);
    }
  }

  async #attach({ sandbox, link }: Workpiece, containerId: string): Promise<SandboxEvent> {
    /** An exited container cannot be told from one whose stream broke by attaching to it. */
    if (sandbox.observed.container === 'running') {
      const state = await this.#engine.inspect(
        containerId,
        Scope.withDeadline('looking at the container', this.#deadlines.ask),
      );
      if (state === undefined || state.status !== 'running') return this.#exited(state?.exitCode);
    }
    const scope = Scope.withDeadline('attaching to the container', this.#deadlines.attach);
    const { stream } = await this.#engine.attach(containerId, scope, (text) => link.addStderr(text));
    link.attach(stream);
    return { type: 'attached' };
  }

  async #awaitReady({ sandbox, link, signal }: Workpiece): Promise<SandboxEvent> {
    const seconds = this.#deadlines.ready / 1000;
    const late = Promise.withResolvers<never>();
    const fail = (what: string) =>
      late.reject(new CarrelError('sandbox_failed', `expected the sandbox to be ready, got ${what}${complaint(link)}`));
    const timer = this.#clock.after(this.#deadlines.ready, () => fail(`no sign of it for ${seconds} s`));
    const cut = () => fail('its end');
    signal.addEventListener('abort', cut, { once: true });
    if (signal.aborted) cut();
    void link.closed.then(() => fail('the end of its output'));
    try {
      await Promise.race([link.firstByte, late.promise]);
      return { type: 'ready' };
    } catch (error) {
      const { containerId } = sandbox.observed;
      if (link.attached || signal.aborted || containerId === undefined) throw error;
      /** The output ends when the container does: with the exit status the reason is plainer. */
      const state = await this.#engine.inspect(
        containerId,
        Scope.withDeadline('looking at the container', this.#deadlines.ask),
      );
      if (state === undefined || state.status === 'exited') return this.#exited(state?.exitCode);
      throw error;
    } finally {
      timer.cancel();
      signal.removeEventListener('abort', cut);
    }
  }

  async #find({ facts }: Sandbox): Promise<SandboxEvent> {
    const scope = Scope.withDeadline('looking for the container', this.#deadlines.ask);
    const [found] = await this.#engine.list({ key: LABELS.sandbox, value: facts.id }, scope);
    if (found === undefined) return this.#exited(undefined);
    /** One that has exited counts as running here: the next step, attach or kill, finds out. */
    return { type: 'found', containerId: found.id, running: found.status !== 'created' };
  }

  #exited(exitCode: number | undefined): SandboxEvent {
    return { type: 'exited', exitCode, at: this.#clock.now(), withEngine: false };
  }
}

/** What the sandbox complained of, for the end of a message; empty where it said nothing. */
export const complaint = (link: StdioLink): string => (link.stderr === '' ? '' : `; it says: ${link.stderr}`);

function named(containerId: string | undefined): string {
  if (containerId === undefined) throw new CarrelError('internal', 'expected the id of a container, got none');
  return containerId;
}
