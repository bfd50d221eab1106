/** What administrators ask of the running installation, in one place for the edge. */
import type { Clock } from '../base/clock.ts';
import type { UserId } from '../base/ids.ts';
import { Scope } from '../base/scope.ts';
import type { WardenFacts } from '../sandbox/warden-client.ts';
import type { HealthModel, PoliciesModel, PoolsModel, SandboxesModel, StoppedModel } from '../wire/admin-rest.ts';
import type { LastBackup } from './last-backup.ts';
import type { LiveSandboxes } from './live-sandboxes.ts';
import { poolsModel } from './pools.ts';
import type { Readiness, ReadinessCheck } from './readiness.ts';

const WITHIN = 10_000;

export interface Load {
  readonly sockets: number;
  readonly worksheets: number;
  /** Bytes. */
  readonly documents: number;
}

export interface OperationsParts {
  readonly warden: WardenFacts;
  readonly sandboxes: LiveSandboxes;
  readonly readiness: ReadinessCheck;
  readonly backups: Pick<LastBackup, 'at'>;
  readonly policies: PoliciesModel;
  readonly load: () => Load;
  readonly version: string;
  readonly clock: Clock;
}

export class Operations {
  readonly #parts: OperationsParts;
  readonly #started: number;

  constructor(parts: OperationsParts) {
    this.#parts = parts;
    this.#started = parts.clock.now();
  }

  get policies(): PoliciesModel {
    return this.#parts.policies;
  }

  get load(): Load {
    return this.#parts.load();
  }

  readiness(): Promise<Readiness> {
    return this.#parts.readiness.read();
  }

  /** When the last backup was made, in milliseconds since the epoch; undefined where none was, or the store does not say. */
  lastBackup(): Promise<number | undefined> {
    return this.#parts.backups.at().catch(() => undefined);
  }

  sandboxes(reader: UserId): Promise<SandboxesModel> {
    return this.#parts.sandboxes.list(reader);
  }

  stop(ids: readonly string[]): Promise<StoppedModel> {
    return this.#parts.sandboxes.stop(ids);
  }

  async pools(): Promise<PoolsModel> {
    const scope = Scope.withDeadline('asking the warden for its pools', WITHIN);
    const { warden } = this.#parts;
    const [status, list] = await Promise.all([warden.status(scope), warden.list(scope)]);
    return poolsModel(status, list);
  }

  async health(): Promise<HealthModel> {
    const { version } = this.#parts;
    const [readiness, backup] = await Promise.all([this.readiness(), this.lastBackup()]);
    return {
      ...readiness,
      backup: backup === undefined ? null : new Date(backup).toISOString(),
      ...{ version, node: process.version, started: new Date(this.#started).toISOString() },
      memory: process.memoryUsage.rss(),
      ...this.load,
    };
  }
}
