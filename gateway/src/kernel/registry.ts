/**
 * All kernels of this gateway: starts them, finds them again after a restart, hands events of the warden to them, ends those
 * that had their time. Implements what the edge asks of kernels.
 */
import { type AuditDetails, type AuditEventName, type AuditSink, silentAudit } from '../base/audit.ts';
import type { Clock } from '../base/clock.ts';
import { CarrelError } from '../base/errors.ts';
import { type KernelId, newKernelId, type PolicyName, type SandboxId, type UserId } from '../base/ids.ts';
import type { Logger, Meter } from '../base/ports.ts';
import { Scope } from '../base/scope.ts';
import type { Policy } from '../config/policy.ts';
import { requireRoom } from '../sandbox/admission.ts';
import type { Warden } from '../sandbox/warden-client.ts';
import type { SandboxModel, WardenEvent } from '../wire/warden-api.ts';
import type { KernelClient } from './client.ts';
import { recordingCode } from './code-record.ts';
import type {
  ExecutionState,
  FileKeeper,
  KernelConnection,
  KernelEnd,
  KernelModel,
  KernelStart,
  Kernels,
  KernelUsage,
  OpenSandbox,
} from './contract.ts';
import { type Entry, modelOf, newEntry } from './entry.ts';
import { endedByPolicy } from './failures.ts';
import { Kernel } from './kernel.ts';
import type { KernelRecord, KernelRecords } from './records.ts';
import { RetentionBudget } from './retention.ts';
import { Sandboxes, START_WITHIN } from './sandboxes.ts';
import { Upkeep, type UpkeepOptions } from './upkeep.ts';

const LIST_WITHIN = 10_000;

export interface RegistryOptions {
  readonly warden: Warden;
  readonly records: KernelRecords;
  readonly policies: (name: PolicyName) => Policy | undefined;
  /** Kernels of one person at the same time. */
  readonly perPerson: number;
  /** 32 random bytes that outlive the process: keys of sandboxes are made from it. */
  readonly secret: Buffer;
  readonly files?: FileKeeper | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter?: Meter | undefined;
  readonly audit?: AuditSink | undefined;
}

export class KernelRegistry implements Kernels {
  readonly #options: RegistryOptions;
  readonly #sandboxes: Sandboxes;
  readonly #budget = new RetentionBudget();
  readonly #kernels = new Map<KernelId, Entry>();
  readonly #owned = new Map<UserId, Map<KernelId, Entry>>();
  /** Whose sandbox it is, or was a moment ago. */
  readonly #sandboxOf = new Map<SandboxId, KernelId>();
  readonly #gone: ((id: KernelId, end: KernelEnd) => void)[] = [];
  readonly #used: ((id: KernelId) => void)[] = [];
  readonly #ended = new AbortController();
  readonly #upkeep: Upkeep;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#sandboxes = new Sandboxes(options.warden, options.secret, options.clock, options.logger);
    const { clock, logger } = options;
    const touch: UpkeepOptions['touch'] = (seen) => {
      options.records
        .touch(seen)
        .catch((error) =>
          logger.error({ err: error }, `the last activity of ${seen.length} kernels could not be stored`),
        );
    };
    const end: UpkeepOptions['end'] = (id, why) => this.#remove(id, why);
    this.#upkeep = new Upkeep({ clock, logger, entries: this.#kernels, touch, end });
  }

  /** Finds the kernels of an earlier process; to be awaited before the edge takes requests. */
  async restore(): Promise<void> {
    const { warden, records, policies, logger } = this.#options;
    const stored = await records.all();
    const sandboxes =
      stored.length === 0 ? [] : await warden.list(Scope.withDeadline('listing sandboxes', LIST_WITHIN));
    const alive = new Set(sandboxes.filter(isAlive).map((sandbox) => sandbox.id));
    for (const record of stored) {
      const policy = policies(record.policy);
      if (policy !== undefined && alive.has(record.sandbox)) {
        this.#add(record).kernel = this.#make(record, policy, true);
        continue;
      }
      logger.info({ kernel: record.id, sandbox: record.sandbox }, 'a kernel of before is gone');
      await records.remove(record.id);
    }
    warden.events(this.#ended.signal, (event) => this.#event(event));
    this.#upkeep.begin();
  }

  async start(request: KernelStart): Promise<KernelModel> {
    const { policies, perPerson, clock } = this.#options;
    const policy = policies(request.policy);
    if (policy === undefined) throw new CarrelError('not_found', `there is no policy ${request.policy}`);
    const id = request.id ?? newKernelId();
    if (this.#kernels.has(id)) throw new CarrelError('conflict', `a kernel with the id ${id} exists already`);
    requireRoom(this.#owned.get(request.owner)?.size ?? 0, perPerson);
    const { owner, kernel, name, env } = request;
    const now = clock.now();
    const about = { id, owner, policy: policy.name, kernel, name, env, createdAt: now, lastActivity: now };
    const entry = this.#add(about);
    try {
      const { signal } = entry.wanted;
      const within = request.queue?.within ?? START_WITHIN;
      const scope = Scope.withDeadline(
        'starting the kernel',
        within + (request.queue === undefined ? 0 : START_WITHIN),
      );
      const sandbox = await this.#sandboxes.open(policy.name, id, { ...request.queue, signal });
      const record = { ...about, sandbox, generation: 1 };
      if (this.#kernels.get(id) !== entry) {
        await this.#sandboxes.close(record.sandbox);
        throw new CarrelError('gone', 'the kernel was shut down before it had started');
      }
      entry.kernel = this.#make(record, policy, false);
      this.#store(record);
      await entry.kernel.answered(scope);
      this.#note('kernel.started', owner, id, { policy: policy.name, kernel, sandbox });
      return entry.kernel.model;
    } catch (error) {
      if (this.#kernels.get(id) === entry) await this.#remove(id);
      throw error;
    }
  }

  list(owner: UserId): readonly KernelModel[] {
    return [...(this.#owned.get(owner)?.values() ?? [])].map(modelOf);
  }

  get(owner: UserId, id: KernelId): KernelModel {
    return modelOf(this.#find(owner, id));
  }

  find(owner: UserId, id: KernelId): KernelModel | undefined {
    const entry = this.#owned.get(owner)?.get(id);
    return entry && modelOf(entry);
  }

  usage(owner: UserId, id: KernelId): KernelUsage | undefined {
    return this.#find(owner, id).kernel?.usage;
  }

  async interrupt(owner: UserId, id: KernelId): Promise<void> {
    this.#find(owner, id).kernel?.interrupt();
  }

  async restart(owner: UserId, id: KernelId): Promise<KernelModel> {
    const entry = this.#find(owner, id);
    if (entry.kernel === undefined) throw new CarrelError('conflict', 'the kernel is being started');
    await entry.kernel.restart();
    return modelOf(entry);
  }

  async shutdown(owner: UserId, id: KernelId): Promise<void> {
    const { files, kernel } = this.#find(owner, id);
    await files.rescue(kernel);
    await this.#remove(id);
  }

  /** For whoever knows that it may have it. */
  sandbox(id: KernelId): OpenSandbox | undefined {
    return this.#kernels.get(id)?.kernel?.sandbox;
  }

  /** How many kernels are in which state, by policy; those that wait for a sandbox are starting. */
  counts(): Map<string, Map<ExecutionState, number>> {
    const counts = new Map<string, Map<ExecutionState, number>>();
    for (const { policy, kernel, starting } of this.#kernels.values()) {
      const { execution_state: state } = kernel?.model ?? starting;
      const of = counts.get(policy) ?? new Map<ExecutionState, number>();
      counts.set(policy, of.set(state, (of.get(state) ?? 0) + 1));
    }
    return counts;
  }

  connect(owner: UserId, id: KernelId, client: KernelClient, session: string | undefined): KernelConnection {
    const { kernel } = this.#find(owner, id);
    if (kernel === undefined) throw new CarrelError('conflict', 'the kernel is being started');
    const connection = kernel.connect(client, session);
    const { audit } = this.#options;
    return audit !== undefined && kernel.policy.audit?.code === true
      ? recordingCode(connection, audit, { owner, id })
      : connection;
  }

  onUsage(listener: (id: KernelId) => void): void {
    this.#used.push(listener);
  }

  onGone(listener: (id: KernelId, end: KernelEnd) => void): void {
    this.#gone.push(listener);
  }

  /** Ends this process's part; kernels go on and are found again by the next one. */
  detach(): void {
    this.#ended.abort();
    this.#upkeep.stop();
    for (const { kernel } of this.#kernels.values()) kernel?.detach();
  }

  #find(owner: UserId, id: KernelId): Entry {
    const entry = this.#kernels.get(id);
    if (entry === undefined || entry.owner !== owner)
      throw new CarrelError('not_found', `Kernel does not exist: ${id}`);
    return entry;
  }

  #add(about: Omit<KernelRecord, 'sandbox' | 'generation'>): Entry {
    const { id, owner } = about;
    const entry = newEntry(about, this.#options);
    this.#kernels.set(id, entry);
    const owned = this.#owned.get(owner) ?? new Map<KernelId, Entry>();
    this.#owned.set(owner, owned.set(id, entry));
    return entry;
  }

  #make(record: KernelRecord, policy: Policy, restored: boolean): Kernel {
    const { clock, logger, meter } = this.#options;
    const changed = (next: KernelRecord) => {
      this.#sandboxOf.set(next.sandbox, next.id);
      this.#store(next);
    };
    this.#sandboxOf.set(record.sandbox, record.id);
    const gone = () => void this.#remove(record.id);
    const used = () => {
      for (const listener of this.#used) listener(record.id);
    };
    const { files } = this.#options;
    const prepare = files && ((sandbox: OpenSandbox) => files.prepare(record.id, sandbox));
    const shared = { sandboxes: this.#sandboxes, budget: this.#budget, clock, logger, meter };
    return new Kernel({ record, policy, ...shared, changed, gone, used, prepare }, restored);
  }

  /** A record that cannot be stored costs this kernel its life over the next restart, and nothing now. */
  #store(record: KernelRecord): void {
    const { records, logger } = this.#options;
    records
      .put(record)
      .catch((error) => logger.error({ err: error, kernel: record.id }, 'a kernel could not be stored'));
  }

  #note(event: AuditEventName, owner: UserId, id: KernelId, details: AuditDetails): void {
    const { audit = silentAudit } = this.#options;
    audit.record({ event, via: 'system', actor: owner, subject: `kernel:${id}`, details });
  }

  /** Sockets are closed first, so that no client waits for the engine. */
  async #remove(id: KernelId, policy?: Pick<KernelEnd, 'by' | 'why'>): Promise<void> {
    const entry = this.#kernels.get(id);
    if (entry === undefined) return;
    this.#kernels.delete(id);
    entry.wanted.abort();
    this.#owned.get(entry.owner)?.delete(id);
    if (this.#owned.get(entry.owner)?.size === 0) this.#owned.delete(entry.owner);
    const { kernel } = entry;
    kernel?.close(policy && endedByPolicy(policy.why));
    if (kernel !== undefined) this.#sandboxOf.delete(kernel.record.sandbox);
    const end = { by: 'other', why: '', ...policy, at: this.#options.clock.now() } as const;
    for (const listener of this.#gone) listener(id, end);
    this.#note('kernel.stopped', entry.owner, id, { policy: entry.policy, by: end.by });
    if (kernel !== undefined) await this.#sandboxes.close(kernel.record.sandbox);
    await this.#forget(id);
  }

  /** A record that is left is one without a sandbox: the next start forgets it. */
  async #forget(id: KernelId): Promise<void> {
    const { records, logger } = this.#options;
    await records
      .remove(id)
      .catch((error) => logger.error({ err: error, kernel: id }, 'a kernel could not be forgotten'));
  }

  #event(event: WardenEvent): void {
    if (event.type === 'snapshot') void this.#reconcile(event.sandboxes);
    if (event.type === 'exit') this.#bySandbox(event.sandbox as SandboxId)?.sandboxEnded(event.reason);
    if (event.type === 'out-of-memory') this.#bySandbox(event.sandbox as SandboxId)?.outOfMemory();
  }

  #bySandbox(sandbox: SandboxId): Kernel | undefined {
    const id = this.#sandboxOf.get(sandbox);
    const kernel = id === undefined ? undefined : this.#kernels.get(id)?.kernel;
    if (kernel?.record.sandbox === sandbox) return kernel;
    this.#sandboxOf.delete(sandbox);
    return undefined;
  }

  /** After a time without events: sandboxes of no kernel are closed, kernels without a sandbox learn it. */
  async #reconcile(seen: readonly SandboxModel[]): Promise<void> {
    for (const sandbox of seen.filter(isAlive)) {
      const entry = this.#kernels.get(String(sandbox.worksheet) as KernelId);
      const mine = entry !== undefined && (entry.kernel === undefined || entry.kernel.owns(sandbox.id));
      if (mine) continue;
      this.#options.logger.info({ sandbox: sandbox.id }, 'a sandbox belongs to no kernel and is closed');
      void this.#sandboxes.close(sandbox.id);
    }
    const alive = new Set(seen.filter(isAlive).map((sandbox) => sandbox.id));
    const missing = [...this.#kernels.values()].flatMap(({ kernel }) => kernel ?? []);
    const suspects = missing
      .filter((kernel) => !alive.has(kernel.record.sandbox))
      .map((kernel) => kernel.record.sandbox);
    if (suspects.length === 0) return;
    /** The list is newer than the snapshot: a sandbox opened meanwhile is in it. */
    const listed = await this.#options.warden
      .list(Scope.withDeadline('listing sandboxes', LIST_WITHIN))
      .catch(() => undefined);
    if (listed === undefined) return;
    const now = new Set(listed.filter(isAlive).map((sandbox) => sandbox.id));
    for (const sandbox of suspects) if (!now.has(sandbox)) this.#bySandbox(sandbox)?.sandboxEnded('engine');
  }
}

/** Open for a worksheet, or about to be. */
const isAlive = (sandbox: SandboxModel): boolean =>
  sandbox.worksheet !== undefined && sandbox.state !== 'ending' && sandbox.state !== 'ended';
