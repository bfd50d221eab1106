/** A warden without an engine: each sandbox is a `FakeAgent`. */
import type { Duplex } from 'node:stream';
import { CarrelError } from '../../gateway/src/base/errors.ts';
import { newSandboxId, type PolicyName, type SandboxId, type WorksheetId } from '../../gateway/src/base/ids.ts';
import type { Scope } from '../../gateway/src/base/scope.ts';
import type { Queued, Warden } from '../../gateway/src/sandbox/warden-client.ts';
import type { EndReason, SandboxModel, WardenEvent, WardenStatus } from '../../gateway/src/wire/warden-api.ts';
import { FakeAgent } from './fake-agent.ts';

export class FakeWarden implements Warden {
  readonly agents = new Map<SandboxId, FakeAgent>();
  readonly sandboxes = new Map<SandboxId, SandboxModel>();
  readonly closed: SandboxId[] = [];
  /** Called with each new agent before anybody connects. */
  prepare: (agent: FakeAgent) => void = () => {};
  /** Thrown by the next opens, in order. */
  refusals: CarrelError[] = [];
  /** Those who wait while `full` is set. */
  readonly queue: { told: Queued; serve: () => void }[] = [];
  full = false;
  #listeners: ((event: WardenEvent) => void)[] = [];

  get newest(): FakeAgent {
    const agent = [...this.agents.values()].at(-1);
    if (agent === undefined) throw new Error('no sandbox was opened');
    return agent;
  }

  async open(
    policy: PolicyName,
    worksheet: WorksheetId,
    scope?: Scope,
    told: Queued = () => {},
  ): Promise<SandboxModel> {
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
    if (this.full && scope !== undefined) await this.#wait(scope, told);
    const id = newSandboxId();
    const agent = new FakeAgent();
    this.prepare(agent);
    this.agents.set(id, agent);
    const facts = { pooled: true, memoryLimit: 512, createdAt: 0, claimedAt: 0 };
    const sandbox: SandboxModel = { id, policy, worksheet, state: 'claimed', ...facts };
    this.sandboxes.set(id, sandbox);
    return sandbox;
  }

  async #wait({ signal }: Scope, told: Queued): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const place = { told, serve: resolve };
    this.queue.push(place);
    const leave = () => this.queue.splice(this.queue.indexOf(place), 1);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    told({ place: this.queue.length, of: this.queue.length, expectedMs: 1500 });
    await promise.finally(leave);
  }

  async list(): Promise<SandboxModel[]> {
    return [...this.sandboxes.values()];
  }

  async close(sandbox: SandboxId): Promise<void> {
    this.closed.push(sandbox);
    this.end(sandbox, 'closed');
  }

  async stream(sandbox: SandboxId): Promise<Duplex> {
    const agent = this.sandboxes.has(sandbox) ? this.agents.get(sandbox) : undefined;
    if (agent === undefined) throw new CarrelError('not_found', 'there is no such sandbox');
    return agent.connect();
  }

  events(signal: AbortSignal, listener: (event: WardenEvent) => void): void {
    const heard = (event: WardenEvent) => {
      if (!signal.aborted) listener(event);
    };
    this.#listeners.push(heard);
    this.snapshot();
  }

  snapshot(): void {
    this.emit({ type: 'snapshot', sandboxes: [...this.sandboxes.values()] });
  }

  emit(event: WardenEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** The sandbox ends: its stream breaks and the event comes. */
  end(sandbox: SandboxId, reason: EndReason): void {
    if (!this.sandboxes.delete(sandbox)) return;
    this.agents.get(sandbox)?.drop();
    this.emit({ type: 'exit', sandbox, reason });
  }

  status(): Promise<WardenStatus> {
    throw new Error('not asked for in these tests');
  }
}
