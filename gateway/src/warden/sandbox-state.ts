/**
 * The life of one sandbox as data: `apply(sandbox, event)` answers the next state and what has to be done about it, without
 * touching a container, a file or a socket. The rules are those of docs/spec/sandbox.md.
 *
 * Three parts are kept apart, each with one writer: `claim` says what was asked (opens), `desired` what shall be (close,
 * reaper, failures), `observed` what the engine and the streams showed (controller, engine watch).
 */
import { assertNever } from '../base/assert-never.ts';
import type { PolicyName, SandboxId, WorksheetId } from '../base/ids.ts';
import type { EndReason, SandboxModel, SandboxState, WardenEvent } from '../wire/warden-api.ts';
import type { JournalRecord } from './journal-records.ts';

/** What a sandbox is made with; never changes. */
export interface SandboxFacts {
  readonly id: SandboxId;
  readonly policy: PolicyName;
  readonly uid: number;
  /** Bytes. */
  readonly memory: number;
  /** Longest life in milliseconds, from the claim on. */
  readonly life: number;
  /** Tells whether two sandboxes were made from the same plan. */
  readonly print: string;
  readonly createdAt: number;
}

export interface Claim {
  /** Undefined where a sandbox was found that no journal knows: it is somebody's, nobody here can say whose. */
  readonly worksheet: WorksheetId | undefined;
  readonly pooled: boolean;
  readonly at: number;
}

export interface Observed {
  /** `unknown`: a create was cut off, so there may be one. */
  readonly container: 'none' | 'unknown' | 'created' | 'running' | 'exited';
  readonly containerId: string | undefined;
  readonly exitCode: number | undefined;
  readonly attached: boolean;
  readonly outOfMemoryAt: number | undefined;
  /** Since when no gateway is connected; undefined while one is. */
  readonly unattendedSince: number | undefined;
}

export interface Sandbox {
  readonly facts: SandboxFacts;
  readonly state: SandboxState;
  readonly claim: Claim | undefined;
  readonly desired: 'live' | 'gone';
  /** Set when, and only when, `desired` is `gone`. */
  readonly reason: EndReason | undefined;
  readonly observed: Observed;
}

export type SandboxEvent =
  | { readonly type: 'begin' }
  | { readonly type: 'create-unclear' }
  | { readonly type: 'created'; readonly containerId: string }
  /** What was there where it was `unknown`. */
  | { readonly type: 'found'; readonly containerId: string; readonly running: boolean }
  | { readonly type: 'started' }
  | { readonly type: 'attached' }
  | { readonly type: 'detached' }
  | { readonly type: 'ready' }
  | { readonly type: 'claim'; readonly worksheet: WorksheetId; readonly pooled: boolean; readonly at: number }
  | { readonly type: 'attended' }
  | { readonly type: 'unattended'; readonly at: number }
  | { readonly type: 'out-of-memory'; readonly at: number }
  | {
      readonly type: 'exited';
      readonly exitCode: number | undefined;
      readonly at: number;
      readonly withEngine: boolean;
    }
  | { readonly type: 'end'; readonly reason: EndReason }
  | { readonly type: 'removed' };

/** Journal records come first: what they say must be kept before anybody acts on it. */
export type SandboxEffect =
  | { readonly type: 'journal'; readonly record: JournalRecord; readonly must: boolean }
  | { readonly type: 'publish'; readonly event: WardenEvent }
  /** The user id and the memory are free again. */
  | { readonly type: 'release' };

export type Applied =
  | { readonly result: 'applied'; readonly sandbox: Sandbox; readonly effects: readonly SandboxEffect[] }
  | { readonly result: 'ignored' };

/** An exit within this time after an out-of-memory kill is taken as its consequence. */
const OUT_OF_MEMORY_MS = 10_000;
/** 128 + SIGKILL, the only signal of the kernel's out-of-memory killer. */
export const KILLED = 137;

const IGNORED: Applied = { result: 'ignored' };

export function plannedSandbox(facts: SandboxFacts): Sandbox {
  return {
    facts,
    state: 'planned',
    claim: undefined,
    desired: 'live',
    reason: undefined,
    observed: {
      container: 'none',
      containerId: undefined,
      exitCode: undefined,
      attached: false,
      outOfMemoryAt: undefined,
      unattendedSince: facts.createdAt,
    },
  };
}

/**
 * A sandbox of an earlier warden, as its journal tells. Whether there still is a container is found out by the next step.
 * `whole` is false for one that never became ready, or whose end had begun: it goes on ending.
 */
export function inheritedSandbox(facts: SandboxFacts, claim: Claim | undefined, whole: boolean, now: number): Sandbox {
  const planned = plannedSandbox(facts);
  const observed = { ...planned.observed, container: 'unknown' as const, unattendedSince: now };
  if (!whole) return { ...planned, state: 'ending', claim, desired: 'gone', reason: 'shutdown', observed };
  return { ...planned, state: claim === undefined ? 'ready' : 'claimed', claim, observed };
}

export function apply(sandbox: Sandbox, event: SandboxEvent): Applied {
  const { facts, state, observed } = sandbox;
  const id = facts.id;
  const over = state === 'ended';
  const see = (change: Partial<Observed>, next: SandboxState = state, effects: SandboxEffect[] = []): Applied =>
    over
      ? IGNORED
      : { result: 'applied', sandbox: { ...sandbox, state: next, observed: { ...observed, ...change } }, effects };

  switch (event.type) {
    case 'begin': {
      if (state !== 'planned') return IGNORED;
      const { policy, uid, memory, life, print, createdAt } = facts;
      const record: JournalRecord = { type: 'created', id, policy, uid, memory, life, print, at: createdAt };
      return see({}, 'creating', [{ type: 'journal', record, must: true }]);
    }
    case 'create-unclear':
      return observed.container === 'none' ? see({ container: 'unknown' }) : IGNORED;
    case 'created':
      if (observed.container !== 'none') return IGNORED;
      return see({ container: 'created', containerId: event.containerId }, state === 'creating' ? 'starting' : state);
    case 'found': {
      if (observed.container !== 'unknown') return IGNORED;
      return see({ container: event.running ? 'running' : 'created', containerId: event.containerId });
    }
    case 'started':
      return observed.container === 'created' ? see({ container: 'running' }) : IGNORED;
    case 'attached':
      return observed.attached ? IGNORED : see({ attached: true });
    case 'detached':
      if (!observed.attached) return IGNORED;
      /** A pool member whose stream broke has been silent for nobody knows how long. */
      return state === 'ready'
        ? ending({ ...sandbox, observed: { ...observed, attached: false } }, 'unhealthy')
        : see({ attached: false });
    case 'ready':
      if (state !== 'starting' || observed.container !== 'running') return IGNORED;
      return see({}, 'ready', [{ type: 'journal', record: { type: 'ready', id }, must: false }]);
    case 'claim': {
      if (state !== 'ready') return IGNORED;
      const { worksheet, pooled, at } = event;
      const record: JournalRecord = { type: 'claimed', id, worksheet, pooled, at };
      return {
        result: 'applied',
        sandbox: {
          ...sandbox,
          state: 'claimed',
          claim: { worksheet, pooled, at },
          observed: { ...observed, unattendedSince: at },
        },
        effects: [{ type: 'journal', record, must: true }],
      };
    }
    case 'attended':
      return see({ unattendedSince: undefined });
    case 'unattended':
      return observed.unattendedSince === undefined ? see({ unattendedSince: event.at }) : IGNORED;
    case 'out-of-memory':
      return see({ outOfMemoryAt: event.at }, state, [
        { type: 'publish', event: { type: 'out-of-memory', sandbox: id } },
      ]);
    case 'exited': {
      if (over || observed.container === 'exited' || observed.container === 'none') return IGNORED;
      const { exitCode, at, withEngine } = event;
      const seen: Sandbox = { ...sandbox, observed: { ...observed, container: 'exited', exitCode } };
      if (sandbox.desired === 'gone') return { result: 'applied', sandbox: seen, effects: [] };
      return ending(seen, withEngine ? 'engine' : exitReason(observed, exitCode, at));
    }
    case 'end':
      if (sandbox.desired === 'gone' || over) return IGNORED;
      return state === 'planned' ? ended(sandbox, event.reason) : ending(sandbox, event.reason);
    case 'removed':
      return state === 'ending' ? ended(sandbox, sandbox.reason) : IGNORED;
    default:
      return assertNever(event);
  }
}

/** Nobody has decided to end it. */
export const isLive = (sandbox: Sandbox): boolean => sandbox.desired === 'live';

export function sandboxModel({ facts, state, claim }: Sandbox): SandboxModel {
  return {
    id: facts.id,
    policy: facts.policy,
    ...(claim?.worksheet === undefined ? {} : { worksheet: claim.worksheet }),
    state,
    pooled: claim?.pooled ?? true,
    memoryLimit: facts.memory,
    createdAt: facts.createdAt,
    ...(claim === undefined ? {} : { claimedAt: claim.at }),
  };
}

function ending(sandbox: Sandbox, reason: EndReason): Applied {
  const { id } = sandbox.facts;
  const { exitCode } = sandbox.observed;
  const effects: SandboxEffect[] = [{ type: 'journal', record: { type: 'ending', id, reason }, must: false }];
  if (sandbox.claim !== undefined) {
    const event = { type: 'exit' as const, sandbox: id, reason, ...(exitCode === undefined ? {} : { code: exitCode }) };
    effects.push({ type: 'publish', event });
  }
  return { result: 'applied', sandbox: { ...sandbox, state: 'ending', desired: 'gone', reason }, effects };
}

/** Of a sandbox that was only planned, the journal knows nothing. */
function ended(sandbox: Sandbox, reason: EndReason | undefined): Applied {
  const journal: SandboxEffect[] =
    sandbox.state === 'planned'
      ? []
      : [{ type: 'journal', record: { type: 'ended', id: sandbox.facts.id }, must: false }];
  const observed = { ...sandbox.observed, container: 'none' as const, attached: false };
  return {
    result: 'applied',
    sandbox: { ...sandbox, state: 'ended', desired: 'gone', reason, observed },
    effects: [...journal, { type: 'release' }],
  };
}

function exitReason({ outOfMemoryAt }: Observed, exitCode: number | undefined, at: number): EndReason {
  const recent = outOfMemoryAt !== undefined && at - outOfMemoryAt <= OUT_OF_MEMORY_MS;
  return recent && (exitCode === KILLED || exitCode === undefined) ? 'out-of-memory' : 'exited';
}
