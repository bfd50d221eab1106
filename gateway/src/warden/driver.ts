/**
 * Performs the steps of each sandbox until everything is as it shall be: one loop per sandbox at a time. What fails on the way
 * up gives the sandbox up; what fails later, or on the way down, is tried again.
 */
import type { Clock } from '../base/clock.ts';
import { type CarrelError, toCarrelError } from '../base/errors.ts';
import type { Logger } from '../base/ports.ts';
import type { Scope } from '../base/scope.ts';
import type { ContainerPlan } from '../engine/container-plan.ts';
import type { Controller } from './controller.ts';
import type { Sandbox, SandboxEvent, SandboxFacts } from './sandbox-state.ts';
import { nextStep, type Step } from './sandbox-steps.ts';
import type { StdioLink } from './stdio-link.ts';

/** One sandbox with what belongs to it in this process. */
export interface Entry {
  sandbox: Sandbox;
  readonly link: StdioLink;
  /** Aborts when the sandbox shall end. */
  readonly abort: AbortController;
  driving: boolean;
  /** Failures of steps in a row. */
  failures: number;
  /** Ends the wait before the next attempt. */
  wake: () => void;
  /** Why it was given up. */
  failure: CarrelError | undefined;
  begunAt: number;
  /** An exit that waits for a word on whether memory was its reason. */
  exitPending: boolean;
  /** The engine went away during its life, and since then nobody has seen it run. */
  suspect: boolean;
}

export interface DriverParts {
  readonly controller: Controller;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly plan: (facts: SandboxFacts, scope: Scope) => Promise<ContainerPlan>;
  readonly observe: (entry: Entry, event: SandboxEvent) => void;
  readonly giveUp: (entry: Entry, error: CarrelError) => void;
}

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 10_000;

export class Driver {
  readonly #parts: DriverParts;

  constructor(parts: DriverParts) {
    this.#parts = parts;
  }

  async drive(entry: Entry): Promise<void> {
    if (entry.driving) return;
    entry.driving = true;
    try {
      for (;;) {
        const step = entry.exitPending ? undefined : nextStep(entry.sandbox);
        if (step === undefined) return;
        await this.#perform(entry, step);
      }
    } finally {
      entry.driving = false;
    }
  }

  /** Something has changed: a wait before the next attempt ends now. */
  wake(entry: Entry): void {
    entry.wake();
    void this.drive(entry);
  }

  async #perform(entry: Entry, step: Step): Promise<void> {
    const { sandbox, link, abort } = entry;
    const plan = (scope: Scope) => this.#parts.plan(sandbox.facts, scope);
    try {
      const event = await this.#parts.controller.perform(step, { sandbox, link, signal: abort.signal, plan });
      entry.failures = 0;
      this.#parts.observe(entry, event);
    } catch (error) {
      await this.#failed(entry, step, toCarrelError(error));
    }
  }

  async #failed(entry: Entry, step: Step, error: CarrelError): Promise<void> {
    const { observe, giveUp, logger, clock } = this.#parts;
    if (step === 'create' && error.code !== 'image_missing' && error.code !== 'sandbox_rejected') {
      observe(entry, { type: 'create-unclear' });
    }
    const { sandbox } = entry;
    const { id, policy } = sandbox.facts;
    const early = sandbox.state === 'creating' || sandbox.state === 'starting';
    if (sandbox.desired === 'live' && early) return giveUp(entry, error);
    /** It was called off: nothing failed. */
    if (step === 'await-ready') return;
    logger.warn({ err: error, sandbox: id, policy, step }, 'a step failed and is tried again');
    if (sandbox.desired === 'live' && sandbox.state === 'ready' && error.code !== 'engine_unavailable') {
      observe(entry, { type: 'end', reason: 'unhealthy' });
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const wait = clock.after(Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** entry.failures), resolve);
    entry.failures += 1;
    entry.wake = resolve;
    await promise;
    wait.cancel();
  }
}
