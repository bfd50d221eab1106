/**
 * What is known of a kernel's memory: whether it runs short, what takes it, and what is told when it ran out. A kernel is asked for its
 * largest variables while it can still answer (docs/spec/kernel-stream.md, KS9). Pure.
 */
import type { Policy } from '../config/policy.ts';
import type { Stats } from '../wire/agent-control.ts';
import { readVariables, type UnknownVariables, type VariableSize } from '../wire/memory-facts.ts';
import type { KernelUsage } from './contract.ts';
import { OUT_OF_MEMORY } from './failures.ts';
import type { Failure } from './server-messages.ts';

/** Parts of the limit: memory is short from the first on, and no longer below the second. */
const SHORT = 0.8;
const ENOUGH = 0.75;
/** It is asked again when it has grown by so much. */
const GROWN = 0.04;
/** What was known is forgotten with so many stats in which memory is not short: the first may come of a kernel that has just died. */
const CALM = 3;
/** The kernel that can be asked, as it names itself in its answer to kernel_info_request. */
const TELLS = 'carrel_kernel';

export class KernelMemory {
  readonly #policy: Pick<Policy, 'name' | 'memory'>;
  #stats: Stats | undefined;
  #short = false;
  #calm = 0;
  #variables: readonly VariableSize[] | undefined;
  #tells = false;
  /** Bytes in use when it was asked last, and whether it owes the answer. */
  #askedAt = 0;
  #owes = false;

  constructor(policy: Pick<Policy, 'name' | 'memory'>) {
    this.#policy = policy;
  }

  /** `implementation` of a kernel_info_reply. */
  meets(implementation: unknown): void {
    this.#tells = implementation === TELLS;
  }

  /** Answers whether the kernel is to be asked for its variables now. */
  heard(stats: Stats): boolean {
    this.#stats = stats;
    const { used } = stats.memory;
    this.#short = used >= (this.#short ? ENOUGH : SHORT) * this.#limit;
    this.#calm = this.#short ? 0 : this.#calm + 1;
    if (!this.#short) this.#askedAt = 0;
    if (this.#calm >= CALM) this.#variables = undefined;
    if (!this.#short || !this.#tells || this.#owes || used < this.#askedAt + GROWN * this.#limit) return false;
    this.#askedAt = used;
    this.#owes = true;
    return true;
  }

  /** The content of a variables_reply. */
  told(content: Readonly<Record<string, unknown>>): void {
    this.#owes = false;
    if (this.#calm < CALM && Array.isArray(content['variables'])) this.#variables = readVariables(content['variables']);
  }

  get usage(): KernelUsage | undefined {
    if (this.#stats === undefined) return undefined;
    const { memory, cpu } = this.#stats;
    const usage = { memory: { ...memory, limit: this.#limit }, cpu };
    return this.#short ? { ...usage, short: { variables: this.#variables ?? this.#unknown } } : usage;
  }

  /** The same with all that is known, where memory ran out. */
  explain(failure: Failure, again: boolean): Failure {
    if (failure.ename !== OUT_OF_MEMORY) return failure;
    const peak = Math.max(failure.peak ?? 0, this.#stats?.memory.peak ?? 0);
    const variables = this.#variables ?? this.#unknown;
    return { ...failure, postMortem: { policy: this.#policy.name, limit: this.#limit, peak, variables, again } };
  }

  /** The kernel's process is another one. */
  forget(): void {
    this.#short = this.#owes = false;
    this.#variables = undefined;
    this.#askedAt = 0;
  }

  get #unknown(): UnknownVariables {
    return this.#tells ? 'sudden' : 'kernel';
  }

  /** Some runtimes do not show it. */
  get #limit(): number {
    return this.#stats?.memory.limit || this.#policy.memory;
  }
}
