/** What administrators see of the running installation, and what they may end. Times are ISO 8601 in UTC, sizes bytes. */
import { z } from 'zod';
import type { NamedMessage } from './told.ts';
import type { PoolStatus, SandboxState } from './warden-api.ts';

/** A sandbox that there is now. */
export interface LiveSandbox {
  readonly id: string;
  readonly policy: string;
  readonly state: SandboxState;
  /** Null while it waits in the pool, and where nobody knows whose it is. */
  readonly owner: string | null;
  /** Of a worksheet that the administrator may read like anybody else; null for what is none, and for what is others'. */
  readonly title: string | null;
  readonly worksheet: string | null;
  /** What the engine counts; null where it was not asked yet. */
  readonly memory: number | null;
  readonly memory_limit: number;
  /** Processors in use lately. */
  readonly cpus: number | null;
  /** Since when it is somebody's; null in the pool. */
  readonly claimed_at: string | null;
  readonly created_at: string;
}

export interface SandboxesModel extends NamedMessage {
  readonly sandboxes: readonly LiveSandbox[];
  /** Why the use is not known, where the warden could not be asked for it. */
  readonly trouble: string | null;
}

export const MOST_STOPPED = 5000;
export const stopSandboxesBody = z.strictObject({
  sandboxes: z
    .array(z.string().regex(/^[0-9a-f]{16}$/, 'a sandbox id'))
    .min(1)
    .max(MOST_STOPPED),
});

/** One line for each thing that was asked for and could not be done. */
export interface NotDone extends NamedMessage {
  readonly id: string;
  readonly message: string;
}

export interface StoppedModel {
  readonly stopped: number;
  readonly failed: readonly NotDone[];
}

export interface PoolsModel {
  readonly engine: { readonly available: boolean; readonly message: string } & NamedMessage;
  readonly memory: { readonly used: number; readonly share: number };
  readonly sandboxes: { readonly used: number; readonly share: number };
  readonly pools: readonly PoolModel[];
}

/** Named: the limit. */
export interface PoolModel extends PoolStatus, NamedMessage {
  /** Sandboxes of people. */
  readonly claimed: number;
  /** What keeps somebody waiting, or the pool from being filled; null where nothing does. */
  readonly limit: string | null;
}

/** A value as it stands in a file. */
export interface PolicyValue {
  /** For instance `output.perCell`. */
  readonly key: string;
  readonly value: string;
  /** File and line, or the name of the setting that it comes from. */
  readonly source: string;
  /** What no policy may exceed, with its place; null where nothing bounds it. */
  readonly ceiling: { readonly value: string; readonly source: string } | null;
}

export interface PolicyModel {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly values: readonly PolicyValue[];
}

export interface PoliciesModel {
  readonly site: readonly PolicyValue[];
  readonly policies: readonly PolicyModel[];
}

export const HEALTH_CHECKS = ['store', 'warden', 'policies', 'engine'] as const;
export type HealthCheck = (typeof HEALTH_CHECKS)[number];

export interface CheckModel extends NamedMessage {
  readonly check: HealthCheck;
  readonly passed: boolean;
  /** In words, for administrators. */
  readonly message: string;
}

export interface HealthModel {
  readonly ready: boolean;
  readonly checks: readonly CheckModel[];
  /** When the last backup was made; null where none was. */
  readonly backup: string | null;
  readonly version: string;
  readonly node: string;
  readonly started: string;
  /** Of the gateway's process. */
  readonly memory: number;
  readonly sockets: number;
  readonly worksheets: number;
  /** Bytes of the open worksheets' documents as they are stored. */
  readonly documents: number;
}

export const MOST_PEOPLE = 5000;
export const disablePeopleBody = z.strictObject({
  people: z.array(z.string().min(1).max(64)).min(1).max(MOST_PEOPLE),
  disabled: z.boolean(),
});

export interface ChangedPeopleModel {
  readonly changed: number;
  readonly failed: readonly NotDone[];
}
