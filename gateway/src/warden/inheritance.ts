/**
 * What an earlier warden left, and what the engine's list says now. A sandbox that the journal knows goes on where it was. One
 * that no journal knows may be somebody's: it is kept as long as a lease lasts and ended only when no gateway has asked for it.
 * Containers of other installations carry another label and are never seen here.
 */
import type { Clock } from '../base/clock.ts';
import { isPolicyName, isSandboxId, type PolicyName, type SandboxId } from '../base/ids.ts';
import type { Logger } from '../base/ports.ts';
import { Scope } from '../base/scope.ts';
import type { LoadedPolicies } from '../config/load-policies.ts';
import { LABELS } from '../engine/container-plan.ts';
import type { ContainerState, Engine } from '../engine/engine.ts';
import type { Fleet } from './fleet.ts';
import type { JournalContent } from './journal-records.ts';
import type { SandboxFacts } from './sandbox-state.ts';

const REMOVE_MS = 60_000;

/** Claimed → still its worksheet's; ready → in the pool again; anything else was half-made and is ended. */
export function inheritAll(fleet: Fleet, { entries }: JournalContent): void {
  for (const { created, ready, claimed, ending } of entries.values()) {
    const { type: _, at, ...facts } = created;
    const claim = claimed && { worksheet: claimed.worksheet, pooled: claimed.pooled, at: claimed.at };
    fleet.inherit({ ...facts, createdAt: at }, claim, (ready || claim !== undefined) && !ending);
  }
}

export interface ReconcileParts {
  readonly fleet: Fleet;
  readonly engine: Engine;
  readonly policies: LoadedPolicies;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Compares the engine's list with the fleet. `known`: containers that were seen running before the list was asked for; only
 * these can be missing from it. `first`: nothing of ours is being probed at the moment.
 */
export function reconcile(
  parts: ReconcileParts,
  containers: readonly ContainerState[],
  known: ReadonlySet<string>,
  first: boolean,
): void {
  const { fleet, clock, logger } = parts;
  for (const container of containers) {
    const label = container.labels[LABELS.sandbox] ?? '';
    if (!isSandboxId(label)) {
      if (first) removeStray(parts, container, 'it is no sandbox');
      continue;
    }
    if (fleet.get(label) !== undefined) {
      if (container.status === 'running') fleet.trust(label);
      else if (container.status === 'exited' && known.has(container.id)) {
        fleet.containerGone(container.id, container.exitCode);
      }
    } else if (fleet.hasEnded(label)) {
      removeStray(parts, container, 'its sandbox has ended');
    } else if (container.status !== 'running') {
      removeStray(parts, container, 'it does not run and no journal knows it');
    } else {
      logger.warn({ sandbox: label }, 'a running sandbox that no journal knows is kept for the time of a lease');
      const now = clock.now();
      fleet.inherit(unknownFacts(parts, label, container, now), { worksheet: undefined, pooled: false, at: now }, true);
      fleet.resume();
    }
  }
  const listed = new Set(containers.map((container) => container.id));
  for (const id of known) if (!listed.has(id)) fleet.containerGone(id, undefined);
}

/** What its labels tell; where they tell nothing, the most that the site allows. */
function unknownFacts(parts: ReconcileParts, id: SandboxId, { labels }: ContainerState, now: number): SandboxFacts {
  const { policies, site } = parts.policies;
  const name = labels[LABELS.policy] ?? '';
  const policy = isPolicyName(name) ? policies.get(name) : undefined;
  return {
    id,
    policy: isPolicyName(name) ? name : (site.default as PolicyName),
    uid: Number(labels[LABELS.uid]) || 0,
    memory: policy?.memory ?? site.ceiling.memory,
    life: policy?.life ?? site.ceiling.life,
    print: '',
    createdAt: now,
  };
}

function removeStray({ engine, logger }: ReconcileParts, container: ContainerState, why: string): void {
  logger.info({ container: container.id.slice(0, 12) }, `a leftover container is removed: ${why}`);
  engine
    .remove(container.id, Scope.withDeadline('removing a leftover container', REMOVE_MS))
    .catch((error: unknown) => logger.warn({ err: error }, 'a leftover container could not be removed'));
}
