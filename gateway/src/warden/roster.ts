/**
 * What is asked about all sandboxes at every open, answered without looking at each of them: indexes and sums that follow every
 * change. Pure.
 */
import type { PolicyName, SandboxId, WorksheetId } from '../base/ids.ts';
import type { Use } from './admission.ts';
import { isLive, type Sandbox } from './sandbox-state.ts';

export class Roster {
  readonly #worksheets = new Map<WorksheetId, SandboxId>();
  readonly #containers = new Map<string, SandboxId>();
  /** How many have a user id; more than one only where an earlier warden's journal says so. */
  readonly #uids = new Map<number, number>();
  /** Live ones without a claim, by policy, in the order in which they came. */
  readonly #unclaimed = new Map<PolicyName, Map<SandboxId, Sandbox>>();
  #live: Use = { memory: 0, sandboxes: 0 };
  #begunMemory = 0;

  /** `before` is undefined for a new one, `after` for one that is forgotten. */
  change(before: Sandbox | undefined, after: Sandbox | undefined): void {
    if (before !== undefined) this.#count(before, -1);
    if (after !== undefined) this.#count(after, 1);
    const [was, is] = [before && this.#keys(before), after && this.#keys(after)];
    if (was?.worksheet !== undefined && was.worksheet !== is?.worksheet) this.#worksheets.delete(was.worksheet);
    if (was?.container !== undefined && was.container !== is?.container) this.#containers.delete(was.container);
    if (is?.worksheet !== undefined) this.#worksheets.set(is.worksheet, is.id);
    if (is?.container !== undefined) this.#containers.set(is.container, is.id);
    if (after !== undefined && is?.unclaimed) this.#group(after.facts.policy).set(is.id, after);
    else if (before !== undefined && was?.unclaimed) this.#group(before.facts.policy).delete(was.id);
  }

  /** The live sandbox of a worksheet. */
  of(worksheet: WorksheetId): SandboxId | undefined {
    return this.#worksheets.get(worksheet);
  }

  byContainer(container: string): SandboxId | undefined {
    return this.#containers.get(container);
  }

  /** Those that somebody has. */
  get uids(): Pick<ReadonlySet<number>, 'has'> {
    return this.#uids;
  }

  /** Live ones of a policy that nobody has, in the order in which they came. */
  unclaimed(policy: PolicyName): Sandbox[] {
    return [...(this.#unclaimed.get(policy)?.values() ?? [])];
  }

  /** Policies that have an unclaimed sandbox. */
  policies(): PolicyName[] {
    return [...this.#unclaimed].flatMap(([policy, group]) => (group.size > 0 ? [policy] : []));
  }

  /** Sum over the live ones. */
  get live(): Use {
    return this.#live;
  }

  /** Bytes of all that are more than planned. */
  get begunMemory(): number {
    return this.#begunMemory;
  }

  #keys(sandbox: Sandbox) {
    const { facts, claim, observed } = sandbox;
    const live = isLive(sandbox);
    const worksheet = live ? claim?.worksheet : undefined;
    return { id: facts.id, container: observed.containerId, worksheet, unclaimed: live && claim === undefined };
  }

  #count(sandbox: Sandbox, by: 1 | -1): void {
    const { memory, uid } = sandbox.facts;
    const { live } = this;
    if (isLive(sandbox)) this.#live = { memory: live.memory + by * memory, sandboxes: live.sandboxes + by };
    if (sandbox.state !== 'planned') this.#begunMemory += by * memory;
    const count = (this.#uids.get(uid) ?? 0) + by;
    if (count === 0) this.#uids.delete(uid);
    else this.#uids.set(uid, count);
  }

  #group(policy: PolicyName): Map<SandboxId, Sandbox> {
    const known = this.#unclaimed.get(policy) ?? new Map<SandboxId, Sandbox>();
    this.#unclaimed.set(policy, known);
    return known;
  }
}
