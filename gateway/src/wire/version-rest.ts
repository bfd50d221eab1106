/** The REST shapes of `/api/worksheets/:id/versions`. */
import { z } from 'zod';
import { cleanTitle } from './worksheet-rest.ts';

/** Characters of a version's name. */
export const LONGEST_VERSION_NAME = 200;
/** Characters of an output's text that are shown in a difference. */
export const LONGEST_OUTPUT_TEXT = 2000;

const name = z
  .string()
  .max(4096)
  .transform(cleanTitle)
  .refine((text) => text !== '', `expected a name of 1 to ${LONGEST_VERSION_NAME} characters`);

export const createVersionBody = z.object({ name });
/** `null` takes the name away: the version is then one of those that make room for newer ones. */
export const patchVersionBody = z.object({ name: name.nullable() });

export interface VersionModel {
  readonly id: string;
  /** UTC, `2026-01-02T03:04:05.678Z`. */
  readonly at: string;
  readonly kind: 'automatic' | 'named' | 'before-restore' | 'imported';
  readonly name: string | null;
  /** Names of those who edited since the version before. */
  readonly who: readonly string[];
}

/** What a difference is made of, without what is too large to be read. */
export interface VersionCell {
  readonly id: string;
  readonly kind: 'code' | 'markdown' | 'raw';
  readonly source: string;
  /** Equal where all attachments are. */
  readonly attachments?: string;
  readonly outputs: readonly VersionOutput[];
}

export interface VersionOutput {
  /** Equal where everything but the execution count is. */
  readonly digest: string;
  /** Without colours; absent where it is too long, or there is none. */
  readonly text?: string;
  /** Mime types, for what has no text alone. */
  readonly types: readonly string[];
}

export interface VersionCells {
  readonly cells: readonly VersionCell[];
}
