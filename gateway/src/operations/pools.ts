/** Pools and queues as administrators see them, with what limits each: in words. Pure. */
import type { PoolModel, PoolsModel } from '../wire/admin-rest.ts';
import { named } from '../wire/told.ts';
import type { PoolStatus, SandboxModel, WardenStatus } from '../wire/warden-api.ts';

export function poolsModel(status: WardenStatus, list: readonly SandboxModel[]): PoolsModel {
  const claimed = new Map<string, number>();
  for (const { policy, state } of list) if (state === 'claimed') claimed.set(policy, (claimed.get(policy) ?? 0) + 1);
  const pools = status.pools.map((pool): PoolModel => {
    const limit = limitOf(pool, status);
    return { ...pool, claimed: claimed.get(pool.policy) ?? 0, limit, ...named(limit ?? '') };
  });
  const engine = { ...status.engine, ...named(status.engine.message) };
  return { engine, memory: status.memory, sandboxes: status.sandboxes, pools };
}

/** The first thing that would have to be mended. */
function limitOf({ trouble, waiting, starting }: PoolStatus, { engine, sandboxes }: WardenStatus): string | null {
  if (!engine.available) return `the container engine does not answer: ${engine.message}`;
  if (trouble !== undefined) return trouble;
  if (waiting === 0) return null;
  if (sandboxes.used >= sandboxes.share)
    return `${sandboxes.used} of ${sandboxes.share} sandboxes are in use (share.sandboxes in site.yaml)`;
  return `${waiting} wait and ${starting} are being started: the machine starts some at a time`;
}
