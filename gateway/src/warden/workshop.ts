/**
 * What can be made on the engine that answers now: the plans of its sandboxes, how many at once, and which policies it cannot
 * serve. Made anew whenever the engine was away, since it may have been changed.
 */
import { createHash } from 'node:crypto';
import type { PolicyName, SandboxId } from '../base/ids.ts';
import type { Logger } from '../base/ports.ts';
import { Scope } from '../base/scope.ts';
import type { LoadedPolicies } from '../config/load-policies.ts';
import { memoryShare, type Policy } from '../config/policy.ts';
import { type ContainerPlan, containerPlan, type PlanRequest } from '../engine/container-plan.ts';
import type { Engine, EngineFacts } from '../engine/engine.ts';
import { IsolationProbe } from '../engine/isolation-probe.ts';
import { type UidRange, uidRange } from '../engine/uid-range.ts';
import type { Share } from './admission.ts';
import type { SandboxFacts } from './sandbox-state.ts';
import { slotsFor } from './starts.ts';

const PROBE_MS = 60_000;
/** Stands for all sandboxes of a policy when two plans are compared. */
const ANY_SANDBOX = '0'.repeat(16) as SandboxId;

export interface WorkshopParts {
  readonly engine: Engine;
  readonly facts: EngineFacts;
  readonly policies: LoadedPolicies;
  readonly instance: string;
  readonly orphanSeconds: number;
  readonly logger: Logger;
}

export class Workshop {
  readonly slots: number;
  readonly share: Share;
  readonly uids: UidRange;
  readonly #parts: WorkshopParts;
  readonly #probe: IsolationProbe;
  readonly #prints = new Map<PolicyName, string>();
  /** One probe per runtime at a time; a failed one is tried again by the next plan. */
  readonly #findings = new Map<string, ReturnType<IsolationProbe['find']>>();

  constructor(parts: WorkshopParts) {
    const { engine, facts, policies } = parts;
    this.#parts = parts;
    this.#probe = new IsolationProbe(engine);
    this.slots = slotsFor(facts.cpus);
    this.share = { memory: memoryShare(policies.site, facts.memoryBytes), sandboxes: policies.site.share.sandboxes };
    this.uids = uidRange(facts, policies.site);
  }

  /** Why this engine can make no sandbox of the policy; undefined when it can. */
  refusal(policy: Policy): string | undefined {
    const { runtimes } = this.#parts.facts;
    if (runtimes.includes(policy.runtime)) return undefined;
    return `the policy ${policy.name} asks for the runtime "${policy.runtime}", the engine has ${runtimes.join(', ')}`;
  }

  /** The same text for two sandboxes that are made alike. */
  print(policy: Policy): string {
    const known = this.#prints.get(policy.name);
    if (known !== undefined) return known;
    const { body } = containerPlan(this.#request(policy, ANY_SANDBOX, 1));
    const print = createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16);
    this.#prints.set(policy.name, print);
    return print;
  }

  async plan(policy: Policy, facts: SandboxFacts, scope: Scope): Promise<ContainerPlan> {
    const request = this.#request(policy, facts.id, facts.uid);
    const { isolation } = await scope.race(this.#isolation(policy.runtime, request));
    return containerPlan({ ...request, isolation });
  }

  #isolation(runtime: string, request: PlanRequest): ReturnType<IsolationProbe['find']> {
    const known = this.#findings.get(runtime);
    if (known !== undefined) return known;
    const finding = this.#probe.find(request, Scope.withDeadline('trying the isolation', PROBE_MS));
    this.#findings.set(runtime, finding);
    finding.then(
      ({ isolation, why }) => this.#parts.logger.info({ runtime, isolation }, why),
      () => this.#findings.delete(runtime),
    );
    return finding;
  }

  #request(policy: Policy, sandbox: SandboxId, uid: number): PlanRequest {
    const { facts, policies, instance, orphanSeconds } = this.#parts;
    return {
      sandbox,
      policy,
      uid,
      isolation: 'guarded',
      instance,
      orphanSeconds,
      cgroupDriver: facts.cgroupDriver,
      seccomp: policies.seccomp.get(policy.seccomp) ?? '',
    };
  }
}
