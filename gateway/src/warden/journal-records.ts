/**
 * The records of the claims journal, and what they add up to. Each is written before the answer that depends on it, so that
 * after a SIGKILL the next warden knows whose each running sandbox is.
 */
import { z } from 'zod';
import {
  isPolicyName,
  isSandboxId,
  isWorksheetId,
  type PolicyName,
  type SandboxId,
  type WorksheetId,
} from '../base/ids.ts';
import { endReason } from '../wire/warden-api.ts';

const id = z
  .string()
  .refine(isSandboxId)
  .transform((text) => text as SandboxId);
const policy = z
  .string()
  .refine(isPolicyName)
  .transform((text) => text as PolicyName);
const worksheet = z
  .string()
  .refine(isWorksheetId)
  .transform((text) => text as WorksheetId);
const whole = z.int().nonnegative();

export const journalRecord = z.discriminatedUnion('type', [
  /** `next`: the user id to try first. */
  z.strictObject({ type: z.literal('uids'), next: whole }),
  /** Before the engine is asked for a container. */
  z.strictObject({
    type: z.literal('created'),
    id,
    policy,
    uid: whole,
    memory: whole,
    life: whole,
    print: z.string(),
    at: whole,
  }),
  z.strictObject({ type: z.literal('ready'), id }),
  z.strictObject({ type: z.literal('claimed'), id, worksheet: worksheet.optional(), pooled: z.boolean(), at: whole }),
  z.strictObject({ type: z.literal('ending'), id, reason: endReason }),
  z.strictObject({ type: z.literal('ended'), id }),
]);
export type JournalRecord = z.output<typeof journalRecord>;
type Of<T extends JournalRecord['type']> = Extract<JournalRecord, { type: T }>;

export interface JournalEntry {
  readonly created: Of<'created'>;
  readonly ready: boolean;
  readonly claimed: Of<'claimed'> | undefined;
  readonly ending: boolean;
}

export interface JournalContent {
  readonly nextUid: number;
  /** Sandboxes that have not ended. */
  readonly entries: ReadonlyMap<SandboxId, JournalEntry>;
}

/** Records of a sandbox that was never created, or has ended, are without effect. */
export function replay(records: Iterable<JournalRecord>): JournalContent {
  const entries = new Map<SandboxId, JournalEntry>();
  let nextUid = 0;
  for (const record of records) {
    if (record.type === 'uids') {
      nextUid = record.next;
      continue;
    }
    if (record.type === 'created') {
      nextUid = record.uid + 1;
      entries.set(record.id, { created: record, ready: false, claimed: undefined, ending: false });
      continue;
    }
    const entry = entries.get(record.id);
    if (entry === undefined) continue;
    if (record.type === 'ready') entries.set(record.id, { ...entry, ready: true });
    else if (record.type === 'claimed') entries.set(record.id, { ...entry, claimed: record });
    else if (record.type === 'ending') entries.set(record.id, { ...entry, ending: true });
    else entries.delete(record.id);
  }
  return { nextUid, entries };
}

/** The shortest records that add up to the same. */
export function compacted({ nextUid, entries }: JournalContent): JournalRecord[] {
  const records: JournalRecord[] = [];
  for (const { created, ready, claimed, ending } of entries.values()) {
    records.push(created);
    if (ready) records.push({ type: 'ready', id: created.id });
    if (claimed !== undefined) records.push(claimed);
    if (ending) records.push({ type: 'ending', id: created.id, reason: 'shutdown' });
  }
  return [...records, { type: 'uids', next: nextUid }];
}
