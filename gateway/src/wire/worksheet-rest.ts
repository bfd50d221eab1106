/** The REST shapes of `/api/worksheets`. */
import { z } from 'zod';
import type { WorksheetKernelState } from './worksheet-protocol.ts';
import type { WorksheetRole } from './worksheet-role.ts';

export type { WorksheetRole } from './worksheet-role.ts';

/** Characters. */
export const LONGEST_TITLE = 200;

/** Control characters, and those that turn the direction of what follows. */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/gu;

/** On one line, without what cannot be seen, not longer than a title may be; empty where nothing is left. */
export const cleanTitle = (text: string): string =>
  [...text.toWellFormed().replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim()].slice(0, LONGEST_TITLE).join('').trim();

const title = z
  .string()
  .max(4096)
  .transform(cleanTitle)
  .refine((text) => text !== '', `expected a title of 1 to ${LONGEST_TITLE} characters`);

export const createWorksheetBody = z
  .object({
    title: title.nullish().transform((value) => value ?? undefined),
    kernelspec: z
      .string()
      .max(256)
      .nullish()
      .transform((value) => value || undefined),
    /** As a .ipynb file has it. */
    notebook: z.record(z.string(), z.unknown()).optional(),
  })
  .nullish();

/** Either or both. */
export const patchWorksheetBody = z
  .object({ title: title.optional(), kernelspec: z.string().min(1).max(256).optional() })
  .refine(
    ({ title, kernelspec }) => title !== undefined || kernelspec !== undefined,
    'expected a title or a kernelspec',
  );

export interface WorksheetModel {
  readonly id: string;
  readonly title: string;
  /** The name of the kernelspec, for instance `python3-large`. */
  readonly kernelspec: string;
  /** "Python 3 (large)". */
  readonly kernelspec_title: string;
  /** UTC, `2026-01-02T03:04:05.678Z`, like the next. */
  readonly created_at: string;
  readonly changed_at: string;
  readonly trashed: boolean;
  readonly kernel: WorksheetKernelState;
  /** Since when its policy has ended its sandbox, UTC; null while it has one, or where it ended otherwise. */
  readonly asleep_since: string | null;
  /** What the person who asks is to it. */
  readonly role: WorksheetRole;
  /** The owner's name. */
  readonly owner: string;
}
