/** Goes through a backup from its first byte to its last, checks all of it, and hands on what is in it. */
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { z } from 'zod';
import { CarrelError } from '../base/errors.ts';
import { requireKnownSteps, type SchemaTable, tablesAfter } from '../store/schema.ts';
import type { Row } from '../store/snapshot.ts';
import { damaged, type ReadEntry, readEntries } from './archive-reader.ts';
import {
  type BackupContents,
  type BackupManifest,
  CONTENTS,
  contentsSchema,
  FILES,
  KEYS,
  LARGEST_ENTRY,
  MANIFEST,
  MANIFEST_SUM,
  manifestSchema,
  numbered,
  POLICIES,
  SUMS,
  TABLES,
} from './format.ts';
import { isPolicyPath } from './policies.ts';
import { fromLines } from './row-lines.ts';

/** Is told what was found, in the order of the backup. What it hears before the manifest has come is not proved yet. */
export interface BackupVisitor {
  begin?(contents: BackupContents): Promise<void>;
  rows?(table: SchemaTable, rows: readonly Row[]): Promise<void>;
  /** Pieces of one content follow each other; `first` begins a file. */
  piece?(blob: string, content: Buffer, first: boolean): Promise<void>;
  policy?(path: string, content: Buffer): Promise<void>;
  keys?(sealed: Buffer): Promise<void>;
}

export interface FoundBackup {
  readonly contents: BackupContents;
  readonly manifest: BackupManifest;
}

/** Throws `bad_request` with the place for what is no backup, is damaged, cut off or made by a newer program. */
export async function readBackup(stream: AsyncIterable<Uint8Array>, visitor: BackupVisitor = {}): Promise<FoundBackup> {
  const walk = new Walk(visitor);
  for await (const entry of readEntries(stream)) await walk.take(entry);
  return walk.end();
}

const TABLE_PART = new RegExp(`^${TABLES}([a-z][a-z0-9_]*)/`);
const FILE_PART = new RegExp(`^${FILES}([0-9a-f]{32})/`);
const SUM_LINE = /^([0-9a-f]{64}) {2}(.+)$/;
/** In which kinds of entries follow each other. */
const ORDER = ['table', 'file', 'policy', 'keys'] as const;
type Kind = (typeof ORDER)[number];

const unpack = promisify(zstdDecompress);

class Walk {
  readonly #visitor: BackupVisitor;
  #contents: BackupContents | undefined;
  #tables: readonly SchemaTable[] = [];
  #manifest: { value: BackupManifest; sha256: string } | undefined;
  #sealed = false;
  /** Since the last list of sums. */
  #unlisted: ReadEntry[] = [];
  readonly #lists: { name: string; sha256: string }[] = [];
  #entries = 0;
  #stage = 0;
  /** The table or content that is being read, and how many of its parts came. */
  #current = { name: '', parts: 0 };
  #tableAt = -1;
  readonly #rows: Record<string, number> = {};
  readonly #found = { files: 0, bytes: 0, policies: 0, keys: 0 };
  #lastBlob = '';

  constructor(visitor: BackupVisitor) {
    this.#visitor = visitor;
  }

  async take(entry: ReadEntry): Promise<void> {
    if (this.#sealed) throw unexpected(entry);
    if (this.#contents === undefined) return this.#begin(entry);
    if (this.#manifest !== undefined) return this.#seal(entry, this.#manifest.sha256);
    if (entry.name === MANIFEST) return this.#readManifest(entry);
    if (entry.name.startsWith(SUMS)) return this.#list(entry);
    /** Their contents are not needed any more, only their sums. */
    this.#count(entry);
    await this.#part(entry);
  }

  end(): FoundBackup {
    if (!this.#sealed || this.#manifest === undefined || this.#contents === undefined)
      throw damaged('at its end', `expected ${this.#contents === undefined ? CONTENTS : MANIFEST_SUM}`);
    return { contents: this.#contents, manifest: this.#manifest.value };
  }

  #count({ name, sha256, at }: ReadEntry): void {
    this.#entries += 1;
    this.#unlisted.push({ name, sha256, at, content: Buffer.alloc(0) });
  }

  async #begin(entry: ReadEntry): Promise<void> {
    if (entry.name !== CONTENTS)
      throw new CarrelError('bad_request', `this is no backup of Carrel: it begins with ${JSON.stringify(entry.name)}`);
    const { format } = jsonOf(entry) as { format?: unknown };
    if (typeof format === 'number' && format > 1)
      throw new CarrelError(
        'bad_request',
        `the backup was made by a newer Carrel: its format is ${format}, this version reads 1`,
      );
    const contents = parsed(entry, contentsSchema);
    requireKnownSteps(contents.steps, 'the database of the backup');
    this.#tables = await tablesAfter(contents.steps);
    const expected = this.#tables.map(({ name, columns }) => ({ name, columns: columns.map((column) => column.name) }));
    if (JSON.stringify(contents.tables) !== JSON.stringify(expected))
      throw damaged(place(entry), 'its tables are not those of its schema');
    this.#contents = contents;
    this.#count(entry);
    await this.#visitor.begin?.(contents);
  }

  async #part(entry: ReadEntry): Promise<void> {
    const [, table] = TABLE_PART.exec(entry.name) ?? [];
    if (table !== undefined) return this.#table(entry, table);
    const [, blob] = FILE_PART.exec(entry.name) ?? [];
    if (blob !== undefined) return this.#file(entry, blob);
    if (entry.name === KEYS) {
      this.#advance('keys', entry);
      if (++this.#found.keys > 1) throw unexpected(entry);
      return this.#visitor.keys?.(entry.content);
    }
    const path = entry.name.startsWith(POLICIES) ? entry.name.slice(POLICIES.length) : '';
    if (!isPolicyPath(path)) throw unexpected(entry);
    this.#advance('policy', entry);
    this.#found.policies += 1;
    await this.#visitor.policy?.(path, entry.content);
  }

  async #table(entry: ReadEntry, name: string): Promise<void> {
    this.#advance('table', entry);
    const at = this.#tables.findIndex((table) => table.name === name);
    const table = this.#tables[at];
    if (table === undefined || at < this.#tableAt) throw unexpected(entry);
    this.#tableAt = at;
    this.#next(entry, `${TABLES}${name}/`, '.jsonl.zst');
    const text = (await unpacked(entry)).toString('utf8');
    let rows: Row[];
    try {
      rows = fromLines(text, table);
    } catch (error) {
      throw damaged(place(entry), (error as Error).message);
    }
    this.#rows[name] = (this.#rows[name] ?? 0) + rows.length;
    await this.#visitor.rows?.(table, rows);
  }

  async #file(entry: ReadEntry, blob: string): Promise<void> {
    this.#advance('file', entry);
    const first = this.#next(entry, `${FILES}${blob}/`, '.zst');
    if (first && blob <= this.#lastBlob) throw unexpected(entry);
    this.#lastBlob = blob;
    const content = await unpacked(entry);
    if (first) this.#found.files += 1;
    this.#found.bytes += content.length;
    await this.#visitor.piece?.(blob, content, first);
  }

  #advance(kind: Kind, entry: ReadEntry): void {
    const stage = ORDER.indexOf(kind);
    if (stage < this.#stage) throw unexpected(entry);
    this.#stage = stage;
  }

  /** Whether it is the first part of what the prefix names. */
  #next(entry: ReadEntry, prefix: string, ending: string): boolean {
    const parts = this.#current.name === prefix ? this.#current.parts : 0;
    if (entry.name !== numbered(prefix, parts + 1, ending)) throw unexpected(entry);
    this.#current = { name: prefix, parts: parts + 1 };
    return parts === 0;
  }

  #list(entry: ReadEntry): void {
    const lines = entry.content.toString('utf8').trimEnd().split('\n');
    if (entry.name !== numbered(SUMS, this.#lists.length + 1, '') || lines.length !== this.#unlisted.length)
      throw unexpected(entry);
    for (const [index, line] of lines.entries()) {
      const [, sha256, name] = SUM_LINE.exec(line) ?? [];
      const found = this.#unlisted[index] as ReadEntry;
      if (sha256 !== found.sha256 || name !== found.name)
        throw damaged(place(found), `its checksum is ${found.sha256}, ${entry.name} says ${line.slice(0, 64)}`);
    }
    this.#unlisted = [];
    this.#lists.push({ name: entry.name, sha256: entry.sha256 });
  }

  #readManifest(entry: ReadEntry): void {
    const manifest = parsed(entry, manifestSchema);
    const { count, bytes } = manifest.files;
    const rows = Object.fromEntries(this.#tables.map(({ name }) => [name, this.#rows[name] ?? 0]));
    const expected = [rows, count, bytes, manifest.policies, manifest.entries, manifest.sums];
    const { files, bytes: found, policies } = this.#found;
    if (this.#unlisted.length > 0) throw damaged(place(this.#unlisted[0] as ReadEntry), 'no list of sums names it');
    if (
      JSON.stringify([manifest.rows, ...expected.slice(1)]) !==
      JSON.stringify([rows, files, found, policies, this.#entries, this.#lists])
    )
      throw damaged(place(entry), 'what it counts is not what is in the backup');
    if (this.#found.keys !== (this.#contents?.keys === 'encrypted' ? 1 : 0))
      throw damaged(place(entry), `${KEYS} is missing`);
    this.#manifest = { value: manifest, sha256: entry.sha256 };
  }

  #seal(entry: ReadEntry, sha256: string): void {
    if (entry.name !== MANIFEST_SUM) throw unexpected(entry);
    if (entry.content.toString('utf8') !== `${sha256}  ${MANIFEST}\n`)
      throw damaged(MANIFEST, `its checksum is ${sha256}, ${MANIFEST_SUM} has another`);
    this.#sealed = true;
  }
}

const place = ({ name, at }: ReadEntry): string => `${name}, at byte ${at}`;

const unexpected = (entry: ReadEntry) => damaged(place(entry), 'it is not expected there');

async function unpacked(entry: ReadEntry): Promise<Buffer> {
  try {
    return await unpack(entry.content, { maxOutputLength: LARGEST_ENTRY });
  } catch (error) {
    throw damaged(place(entry), `it cannot be unpacked: ${(error as Error).message}`);
  }
}

function jsonOf(entry: ReadEntry): unknown {
  try {
    return JSON.parse(entry.content.toString('utf8'));
  } catch (error) {
    throw damaged(place(entry), (error as Error).message);
  }
}

function parsed<T>(entry: ReadEntry, schema: z.ZodType<T>): T {
  const result = schema.safeParse(jsonOf(entry));
  if (result.success) return result.data;
  throw damaged(place(entry), z.prettifyError(result.error));
}
