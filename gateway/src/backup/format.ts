/**
 * What is in a backup: a tar archive of small entries, in an order in which it can be written and read without going back. Rows are
 * lines of JSON, so it belongs to no kind of database; what is large is cut into pieces and packed by zstd, each for itself.
 *
 *     contents.json                        what follows, first
 *     tables/NAME/00000001.jsonl.zst       rows; tables that others refer to first
 *     files/BLOB/00000001.zst              contents of kept files
 *     policies/PATH                        the site's policies
 *     keys.json                            the installation's keys, encrypted
 *     sums/00000001                        sha-256 of the entries since the last such list
 *     manifest.json, manifest.sha256       counts, and sha-256 of all lists of sums; last
 */
import { z } from 'zod';

export const CONTENTS = 'contents.json';
export const KEYS = 'keys.json';
export const MANIFEST = 'manifest.json';
export const MANIFEST_SUM = 'manifest.sha256';
export const TABLES = 'tables/';
export const FILES = 'files/';
export const POLICIES = 'policies/';
export const SUMS = 'sums/';

/** Bytes before packing; one row may be larger. */
export const PIECE = 4 * 1024 * 1024;
/** Bytes of an entry, packed or not. A row is a document at most. */
export const LARGEST_ENTRY = 512 * 1024 * 1024;
/** Entries in one list of sums, so that no list grows with the installation. */
export const LISTED = 4096;
/** Names that a manifest tells of files that were missing or damaged; all are counted. */
export const MOST_NAMED = 100;

const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const name = z.string().regex(/^[a-z][a-z0-9_]*$/);

export const contentsSchema = z.strictObject({
  /** Of this shape. */
  format: z.literal(1),
  /** The program that made it. */
  program: z.string(),
  /** ISO 8601. */
  made: z.string(),
  database: z.string(),
  /** Of the schema. */
  steps: z.array(z.string()).min(1),
  tables: z.array(z.strictObject({ name, columns: z.array(name).min(1) })).min(1),
  /** `none`: they were left out, or there were none. */
  keys: z.enum(['encrypted', 'none']),
});
export type BackupContents = z.output<typeof contentsSchema>;

const flawed = z.strictObject({ count, first: z.array(z.string()).max(MOST_NAMED) });
export type Flawed = z.output<typeof flawed>;

export const manifestSchema = z.strictObject({
  format: z.literal(1),
  entries: count,
  rows: z.record(name, count),
  files: z.strictObject({
    count,
    bytes: count,
    /** A row refers to them, and they were not there. */
    missing: flawed,
    /** Their content was not what its checksum says. */
    damaged: flawed,
  }),
  policies: count,
  sums: z.array(z.strictObject({ name: z.string(), sha256 })).min(1),
});
export type BackupManifest = z.output<typeof manifestSchema>;

export const numbered = (prefix: string, index: number, ending: string): string =>
  `${prefix}${String(index).padStart(8, '0')}${ending}`;
