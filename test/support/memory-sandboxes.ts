/** What a warden would tell administrators, without one. */
import { CarrelError } from '../../gateway/src/base/errors.ts';
import { newSandboxId, type PolicyName, type SandboxId, type WorksheetId } from '../../gateway/src/base/ids.ts';
import type { WardenFacts } from '../../gateway/src/sandbox/warden-client.ts';
import type { SandboxModel, SandboxUsage, WardenStatus } from '../../gateway/src/wire/warden-api.ts';

export class MemorySandboxes implements WardenFacts {
  readonly sandboxes = new Map<SandboxId, SandboxModel>();
  readonly uses = new Map<SandboxId, Omit<SandboxUsage, 'id'>>();
  /** The warden does not answer. */
  away = false;
  engine = { available: true, message: 'docker 20.10' };
  /** Those of the warden's own files. */
  policies: readonly string[];

  constructor(policies: readonly string[]) {
    this.policies = policies;
  }

  add(policy: string, more: Partial<SandboxModel> = {}): SandboxModel {
    const id = newSandboxId();
    const facts = { state: 'ready', pooled: true, memoryLimit: 2 ** 29, createdAt: 1000 } as const;
    const sandbox: SandboxModel = { id, policy: policy as PolicyName, ...facts, ...more };
    this.sandboxes.set(id, sandbox);
    return sandbox;
  }

  claimed(policy: string, worksheet: string, claimedAt: number): SandboxModel {
    return this.add(policy, { state: 'claimed', worksheet: worksheet as WorksheetId, claimedAt });
  }

  async list(): Promise<SandboxModel[]> {
    this.#check();
    return [...this.sandboxes.values()];
  }

  async close(id: SandboxId): Promise<void> {
    this.#check();
    this.sandboxes.delete(id);
  }

  async usage(): Promise<SandboxUsage[]> {
    this.#check();
    return [...this.uses].map(([id, use]) => ({ id, ...use }));
  }

  async status(): Promise<WardenStatus> {
    this.#check();
    const pools = this.policies.map((policy) => ({
      ...{ policy: policy as PolicyName, ready: 1, starting: 0, min: 2, max: 8, waiting: 0 },
    }));
    return {
      ...{ engine: this.engine, memory: { used: 2 ** 30, share: 2 ** 34 } },
      ...{ sandboxes: { used: this.sandboxes.size, share: 200 }, pools },
    };
  }

  #check(): void {
    if (this.away) throw new CarrelError('warden_unavailable', 'expected the warden to answer at /secret/warden.sock');
  }
}
