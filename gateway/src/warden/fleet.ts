/**
 * All sandboxes of this warden, and the only place where their states change: an event is applied, its records are written, and
 * the next step is performed until everything is as it shall be. One loop per sandbox at a time.
 */
import type { Clock } from '../base/clock.ts';
import { CarrelError, toCarrelError } from '../base/errors.ts';
import { newSandboxId, type PolicyName, type SandboxId, type WorksheetId } from '../base/ids.ts';
import type { Logger } from '../base/ports.ts';
import type { Scope } from '../base/scope.ts';
import type { ContainerPlan } from '../engine/container-plan.ts';
import type { ContainerEvent } from '../engine/engine.ts';
import type { EndReason, WardenEvent } from '../wire/warden-api.ts';
import { type Controller, complaint } from './controller.ts';
import { Driver, type Entry } from './driver.ts';
import type { JournalRecord } from './journal-records.ts';
import { Roster } from './roster.ts';
import {
  apply,
  type Claim,
  inheritedSandbox,
  KILLED,
  plannedSandbox,
  type Sandbox,
  type SandboxEvent,
  type SandboxFacts,
} from './sandbox-state.ts';
import { StdioLink } from './stdio-link.ts';

export interface FleetEvents {
  readonly publish: (event: WardenEvent) => void;
  /** Any change after which others may have something to do. */
  readonly changed: () => void;
  readonly startFailed: (policy: PolicyName, error: CarrelError) => void;
  /** A sandbox became ready; milliseconds since its container was asked for. */
  readonly startTook: (policy: PolicyName, ms: number) => void;
}

export interface FleetParts {
  readonly controller: Controller;
  readonly journal: { append(record: JournalRecord): void };
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: FleetEvents;
  readonly plan: (facts: SandboxFacts, scope: Scope) => Promise<ContainerPlan>;
}

/** The engine may tell an exit before the out-of-memory kill that was its reason, or just before it goes away itself. */
const REASON_GRACE_MS = 200;
/** Ids of sandboxes that ended; a container of one of these that turns up later is a leftover. */
const REMEMBERED_ENDED = 5000;

export class Fleet {
  readonly #parts: FleetParts;
  readonly #driver: Driver;
  readonly #entries = new Map<SandboxId, Entry>();
  readonly #roster = new Roster();
  readonly #ended = new Set<SandboxId>();
  #whenEmpty: () => void = () => {};

  constructor(parts: FleetParts) {
    this.#parts = parts;
    this.#driver = new Driver({
      ...parts,
      observe: (entry, event) => void this.observe(entry.sandbox.facts.id, event),
      giveUp: (entry, error) => this.#giveUp(entry, error),
    });
  }

  get all(): Sandbox[] {
    return [...this.#entries.values()].map((entry) => entry.sandbox);
  }

  get(id: SandboxId): Sandbox | undefined {
    return this.#entries.get(id)?.sandbox;
  }

  hasEnded(id: SandboxId): boolean {
    return this.#ended.has(id);
  }

  /** The live sandbox of a worksheet. */
  of(worksheet: WorksheetId): Sandbox | undefined {
    const id = this.#roster.of(worksheet);
    return id === undefined ? undefined : this.get(id);
  }

  get roster(): Omit<Roster, 'change'> {
    return this.#roster;
  }

  plan(facts: Omit<SandboxFacts, 'id' | 'createdAt'>): Sandbox {
    const sandbox = plannedSandbox({ ...facts, id: newSandboxId(), createdAt: this.#parts.clock.now() });
    this.#register(sandbox);
    return sandbox;
  }

  /** A sandbox of an earlier warden; it is looked for when `resume` is called. */
  inherit(facts: SandboxFacts, claim: Claim | undefined, whole: boolean): void {
    this.#register(inheritedSandbox(facts, claim, whole, this.#parts.clock.now()));
  }

  /** Starts a planned sandbox. */
  begin(id: SandboxId): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.begunAt = this.#parts.clock.now();
    try {
      this.observe(id, { type: 'begin' });
    } catch (error) {
      this.#giveUp(entry, toCarrelError(error));
      this.#parts.events.startFailed(entry.sandbox.facts.policy, toCarrelError(error));
    }
  }

  /** Throws when the claim could not be written down; it has not happened then. */
  claim(id: SandboxId, worksheet: WorksheetId, pooled: boolean): Sandbox | undefined {
    const applied = this.observe(id, { type: 'claim', worksheet, pooled, at: this.#parts.clock.now() });
    return applied ? this.get(id) : undefined;
  }

  end(id: SandboxId, reason: EndReason): void {
    this.observe(id, { type: 'end', reason });
  }

  /** Connects a gateway's stream; false when the sandbox is not attached at the moment. */
  connect(id: SandboxId, stream: Parameters<StdioLink['connect']>[0]): boolean {
    return this.#entries.get(id)?.link.connect(stream) ?? false;
  }

  keepAlive(): void {
    for (const { sandbox, link } of this.#entries.values()) if (sandbox.claim === undefined) link.keepAlive();
  }

  /** The engine answers (again): every sandbox goes on with its next step. */
  resume(): void {
    for (const entry of this.#entries.values()) this.#driver.wake(entry);
  }

  /** Containers that are believed to run. */
  containerIds(): Set<string> {
    const running = this.all.filter((sandbox) => sandbox.observed.container === 'running');
    return new Set(running.flatMap((sandbox) => sandbox.observed.containerId ?? []));
  }

  /** What the engine tells of one container; containers that are not known here are nobody's business. */
  engineEvent(event: ContainerEvent): void {
    const id = this.#roster.byContainer(event.containerId);
    if (id === undefined) return;
    const at = this.#parts.clock.now();
    if (event.type === 'out-of-memory') this.observe(id, { type: 'out-of-memory', at });
    else if (event.type === 'exited') this.containerGone(event.containerId, event.exitCode);
    else if (event.type === 'removed') this.containerGone(event.containerId, undefined);
    else this.trust(id);
  }

  /** It has exited, or was removed by somebody else. */
  containerGone(containerId: string, exitCode: number | undefined): void {
    const id = this.#roster.byContainer(containerId);
    const at = this.#parts.clock.now();
    if (id !== undefined) this.observe(id, { type: 'exited', exitCode, at, withEngine: false });
  }

  /** Resolves when there is no sandbox left, or after `ms` milliseconds. */
  async empty(ms: number): Promise<void> {
    if (this.#entries.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const limit = this.#parts.clock.after(ms, resolve);
    this.#whenEmpty = resolve;
    await promise;
    limit.cancel();
  }

  /** The engine is gone. */
  suspect(): void {
    for (const entry of this.#entries.values()) entry.suspect = true;
  }

  /** It was seen to run. */
  trust(id: SandboxId): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.suspect = false;
  }

  /** Applies what was seen or wanted. False when it came too late to matter. */
  observe(id: SandboxId, event: SandboxEvent): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    return event.type === 'exited' ? this.#exited(entry, event) : this.#apply(entry, event);
  }

  /** An exit by SIGKILL that nobody asked for waits a moment for its reason. */
  #exited(entry: Entry, event: SandboxEvent & { type: 'exited' }): boolean {
    const { sandbox } = entry;
    if (entry.exitPending) return false;
    const known = event.exitCode !== KILLED || sandbox.observed.outOfMemoryAt !== undefined || entry.suspect;
    if (known || sandbox.desired === 'gone') return this.#apply(entry, { ...event, withEngine: entry.suspect });
    entry.exitPending = true;
    this.#parts.clock.after(REASON_GRACE_MS, () => {
      entry.exitPending = false;
      this.#apply(entry, { ...event, withEngine: entry.suspect });
    });
    return true;
  }

  #register(sandbox: Sandbox): void {
    const { id } = sandbox.facts;
    const { clock } = this.#parts;
    const link = new StdioLink(
      {
        lost: () => this.observe(id, { type: 'detached' }),
        attended: () => this.observe(id, { type: 'attended' }),
        unattended: () => this.observe(id, { type: 'unattended', at: clock.now() }),
      },
      clock,
    );
    this.#roster.change(undefined, sandbox);
    this.#entries.set(id, {
      sandbox,
      link,
      abort: new AbortController(),
      driving: false,
      failures: 0,
      wake: () => {},
      failure: undefined,
      begunAt: clock.now(),
      exitPending: false,
      suspect: false,
    });
    this.#parts.events.changed();
  }

  #apply(entry: Entry, event: SandboxEvent): boolean {
    const { journal, logger, events, clock } = this.#parts;
    const before = entry.sandbox;
    const applied = apply(before, event);
    if (applied.result === 'ignored') return false;
    for (const effect of applied.effects) {
      if (effect.type !== 'journal') continue;
      try {
        journal.append(effect.record);
      } catch (error) {
        if (effect.must) throw error;
        logger.error({ err: error, sandbox: before.facts.id }, 'a record is missing in the claims journal');
      }
    }
    const { sandbox } = applied;
    entry.sandbox = sandbox;
    this.#roster.change(before, sandbox.state === 'ended' ? undefined : sandbox);
    const { id, policy } = sandbox.facts;
    if (sandbox.desired === 'gone' && before.desired === 'live') {
      entry.abort.abort();
      this.#driver.wake(entry);
    }
    if (sandbox.state === 'ended') this.#forget(id);
    for (const effect of applied.effects) if (effect.type === 'publish') events.publish(effect.event);
    if (before.state !== 'ready' && sandbox.state === 'ready') events.startTook(policy, clock.now() - entry.begunAt);
    if (sandbox.state === 'ending' && (before.state === 'creating' || before.state === 'starting')) {
      this.#tellFailure(entry, sandbox);
    }
    if (before.state !== sandbox.state) {
      const { reason } = sandbox;
      logger.debug({ sandbox: id, policy, state: sandbox.state, ...(reason && { reason }) }, 'sandbox changed');
    }
    events.changed();
    void this.#driver.drive(entry);
    return true;
  }

  /** A start that was called off is not a failure of its policy. */
  #tellFailure(entry: Entry, { facts, reason, observed }: Sandbox): void {
    if (entry.failure === undefined && (reason === 'closed' || reason === 'shutdown')) return;
    const status = observed.exitCode === undefined ? '' : ` with status ${observed.exitCode}`;
    const message = `expected the sandbox to be ready, got its end${status}${complaint(entry.link)}`;
    const failure = entry.failure ?? new CarrelError('sandbox_failed', message);
    this.#parts.events.startFailed(facts.policy, failure);
  }

  #forget(id: SandboxId): void {
    this.#entries.delete(id);
    this.#ended.add(id);
    if (this.#entries.size === 0) this.#whenEmpty();
    const [oldest] = this.#ended;
    if (this.#ended.size > REMEMBERED_ENDED && oldest !== undefined) this.#ended.delete(oldest);
  }

  #giveUp(entry: Entry, error: CarrelError): void {
    entry.failure = error;
    this.observe(entry.sandbox.facts.id, { type: 'end', reason: 'unhealthy' });
  }
}
