/**
 * The sandboxes that there are now, joined from what the warden, the store and the engine know, and ending them. The warden knows
 * nothing of people and the store nothing of containers. A title is told where the administrator may read the worksheet anyway.
 */
import type { Clock } from '../base/clock.ts';
import { toCarrelError } from '../base/errors.ts';
import { isSandboxId, type SandboxId, type UserId } from '../base/ids.ts';
import type { Logger } from '../base/ports.ts';
import { Scope } from '../base/scope.ts';
import type { Kernels } from '../kernel/contract.ts';
import type { WardenFacts } from '../sandbox/warden-client.ts';
import type { StoredKernel } from '../store/kernel-store.ts';
import type { Store } from '../store/store.ts';
import type { LiveSandbox, NotDone, SandboxesModel, StoppedModel } from '../wire/admin-rest.ts';
import { named } from '../wire/told.ts';
import type { SandboxModel, SandboxUsage } from '../wire/warden-api.ts';

/** Milliseconds. */
const WITHIN = 10_000;
const STOP_WITHIN = 20_000;
const STOPS_AT_ONCE = 8;

export interface LiveSandboxesParts {
  readonly warden: WardenFacts;
  readonly store: Pick<Store, 'kernels' | 'users' | 'worksheets' | 'shares'>;
  readonly kernels: Pick<Kernels, 'shutdown'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class LiveSandboxes {
  readonly #parts: LiveSandboxesParts;

  constructor(parts: LiveSandboxesParts) {
    this.#parts = parts;
  }

  /** For this administrator, the youngest first. Throws `warden_unavailable`. */
  async list(reader: UserId): Promise<SandboxesModel> {
    const { warden, store } = this.#parts;
    const [sandboxes, use, kernels, users, titles] = await Promise.all([
      warden.list(Scope.withDeadline('listing the sandboxes', WITHIN)),
      this.#usage(),
      store.kernels.all(),
      store.users.list(),
      this.#titles(reader),
    ]);
    const names = new Map(users.map(({ id, name }) => [id, name]));
    const owners = new Map(kernels.map(({ sandbox, owner }) => [sandbox, names.get(owner)]));
    const usage = new Map(use.found.map((each) => [each.id, each]));
    return {
      sandboxes: sandboxes
        .sort((a, b) => (b.claimedAt ?? b.createdAt) - (a.claimedAt ?? a.createdAt))
        .map((sandbox) => toLive(sandbox, owners.get(sandbox.id), usage.get(sandbox.id), titles)),
      trouble: use.trouble,
      ...named(use.trouble ?? ''),
    };
  }

  /** Ends them, each by itself: one that cannot be ended does not keep the others. */
  async stop(ids: readonly string[]): Promise<StoppedModel> {
    const kernels = new Map((await this.#parts.store.kernels.all()).map((kernel) => [kernel.sandbox, kernel]));
    const waiting = [...new Set(ids)];
    const failed: NotDone[] = [];
    let stopped = 0;
    const worker = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        try {
          if (isSandboxId(id)) await this.#stop(id, kernels.get(id));
          stopped += 1;
        } catch (error) {
          const { message } = toCarrelError(error);
          failed.push({ id, message, ...named(message) });
        }
      }
    };
    await Promise.all(Array.from({ length: STOPS_AT_ONCE }, worker));
    return { stopped, failed };
  }

  /** A kernel of this gateway is shut down in order, its files are kept; the sandbox of another one's, or of none, is closed. */
  async #stop(id: SandboxId, kernel: StoredKernel | undefined): Promise<void> {
    const { kernels, warden } = this.#parts;
    if (kernel !== undefined) {
      try {
        return await kernels.shutdown(kernel.owner, kernel.id);
      } catch (error) {
        if (toCarrelError(error).code !== 'not_found') throw error;
      }
    }
    await warden.close(id, Scope.withDeadline('closing a sandbox', STOP_WITHIN));
  }

  async #usage(): Promise<{ found: readonly SandboxUsage[]; trouble: string | null }> {
    try {
      const found = await this.#parts.warden.usage(Scope.withDeadline('counting what the sandboxes use', WITHIN));
      return { found, trouble: null };
    } catch (error) {
      this.#parts.logger.warn({ err: error }, 'what the sandboxes use is not known');
      return { found: [], trouble: toCarrelError(error).message };
    }
  }

  /** Of the worksheets that are the administrator's own or shared with them, by id. */
  async #titles(reader: UserId): Promise<ReadonlyMap<string, string>> {
    const { worksheets, shares } = this.#parts.store;
    const own = await worksheets.list(reader, { trashed: false });
    const others = await shares.sharedWith(reader);
    return new Map([...own, ...others.map(({ worksheet }) => worksheet)].map(({ id, title }) => [id, title]));
  }
}

const iso = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

function toLive(
  sandbox: SandboxModel,
  owner: string | undefined,
  usage: SandboxUsage | undefined,
  titles: ReadonlyMap<string, string>,
): LiveSandbox {
  const title = titles.get(sandbox.worksheet ?? '') ?? null;
  return {
    id: sandbox.id,
    policy: sandbox.policy,
    state: sandbox.state,
    owner: owner ?? null,
    title,
    worksheet: title === null ? null : (sandbox.worksheet ?? null),
    memory: usage?.memory ?? null,
    memory_limit: sandbox.memoryLimit,
    cpus: usage?.cpus ?? null,
    claimed_at: iso(sandbox.claimedAt),
    created_at: new Date(sandbox.createdAt).toISOString(),
  };
}
