/**
 * Versions of worksheets. A version's content is opaque here; large values that it refers to are blobs, named by a hash of what
 * they hold, so that versions of one worksheet share them. A blob to which no version refers any more goes with the last one.
 */
import type { Kysely, Transaction } from 'kysely';
import { isLibraryId, isVersionId, type VersionId, type WorksheetId } from '../base/ids.ts';
import type { Tables, VersionRow } from './tables.ts';

/** `before-restore`: what was there when an older version was put back. `imported`: with what the worksheet began. */
export const VERSION_KINDS = ['automatic', 'named', 'before-restore', 'imported'] as const;
export type VersionKind = (typeof VERSION_KINDS)[number];

export interface StoredVersion {
  readonly id: VersionId;
  readonly worksheet: WorksheetId;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: VersionKind;
  /** One with a name stays until somebody removes it. */
  readonly name: string | null;
  /** Names of those who edited since the version before. */
  readonly who: readonly string[];
  /** Equal where cells and their texts are, whatever their outputs. */
  readonly sources: string;
  /** Equal where everything is. */
  readonly whole: string;
  /** Of the content as it is stored, without blobs. */
  readonly bytes: number;
}

export interface Blob {
  readonly hash: string;
  readonly data: Uint8Array;
}

/** Parameters of one statement. */
const AT_ONCE = 500;

export class Versions {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** Adds it with its new blobs. False, and nothing is added, where one of `refers` is neither among them nor there. */
  async add(
    version: StoredVersion,
    content: Uint8Array,
    blobs: readonly Blob[],
    refers: ReadonlySet<string>,
  ): Promise<boolean> {
    return this.#db.transaction().execute(async (db) => {
      await lock(db, version.worksheet);
      for (const { hash, data } of blobs)
        await db
          .insertInto('worksheet_blobs')
          .values({ worksheet_id: version.worksheet, hash, bytes: data.length, data })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      const there = await hashesOf(db, version.worksheet);
      for (const hash of refers) if (!there.has(hash)) return this.#undo(db, version.worksheet);
      await db
        .insertInto('worksheet_versions')
        .values({ ...toRow(version), content })
        .execute();
      for (const some of chunks([...refers]))
        await db
          .insertInto('worksheet_version_blobs')
          .values(some.map((hash) => ({ version_id: version.id, hash })))
          .execute();
      return true;
    });
  }

  /** The newest first. */
  async list(worksheet: WorksheetId): Promise<StoredVersion[]> {
    const rows = await this.#select(worksheet).orderBy('at', 'desc').orderBy('id').execute();
    return rows.flatMap(toVersion);
  }

  async get(worksheet: WorksheetId, id: VersionId): Promise<StoredVersion | undefined> {
    const row = await this.#select(worksheet).where('id', '=', id).executeTakeFirst();
    return row && toVersion(row)[0];
  }

  async content(worksheet: WorksheetId, id: VersionId): Promise<Uint8Array | undefined> {
    const row = await this.#db
      .selectFrom('worksheet_versions')
      .select('content')
      .where('worksheet_id', '=', worksheet)
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.content;
  }

  /** Those that a version refers to. */
  blobs(worksheet: WorksheetId, id: VersionId): Promise<Blob[]> {
    return this.#db
      .selectFrom('worksheet_version_blobs as use')
      .innerJoin('worksheet_blobs as blob', 'blob.hash', 'use.hash')
      .select(['blob.hash', 'blob.data'])
      .where('use.version_id', '=', id)
      .where('blob.worksheet_id', '=', worksheet)
      .execute();
  }

  /** Of the blobs that there are for a worksheet. */
  hashes(worksheet: WorksheetId): Promise<Set<string>> {
    return hashesOf(this.#db, worksheet);
  }

  /** False where there is no such version. */
  async rename(worksheet: WorksheetId, id: VersionId, name: string | null, kind: VersionKind): Promise<boolean> {
    const done = await this.#db
      .updateTable('worksheet_versions')
      .set({ name, kind })
      .where('worksheet_id', '=', worksheet)
      .where('id', '=', id)
      .executeTakeFirst();
    return done.numUpdatedRows > 0n;
  }

  /** Writes `other` in the place of a person's name, wherever they edited. */
  async forgetName(name: string, other: string): Promise<void> {
    const quoted = JSON.stringify(name);
    const rows = await this.#db
      .selectFrom('worksheet_versions')
      .select(['id', 'who'])
      .where('who', 'like', `%${quoted.replace(/[\\%_]/g, '_')}%`)
      .execute();
    for (const { id, who } of rows) {
      const names = (JSON.parse(who) as string[]).map((each) => (each === name ? other : each));
      await this.#db
        .updateTable('worksheet_versions')
        .set({ who: JSON.stringify(names) })
        .where('id', '=', id)
        .execute();
    }
  }

  /** With the blobs to which no other version refers; answers how many versions there were. */
  async remove(worksheet: WorksheetId, ids: readonly VersionId[]): Promise<number> {
    if (ids.length === 0) return 0;
    return this.#db.transaction().execute(async (db) => {
      await lock(db, worksheet);
      let removed = 0;
      for (const some of chunks(ids)) {
        const done = await db
          .deleteFrom('worksheet_versions')
          .where('worksheet_id', '=', worksheet)
          .where('id', 'in', some)
          .executeTakeFirst();
        removed += Number(done.numDeletedRows);
      }
      await sweep(db, worksheet);
      return removed;
    });
  }

  /** Bytes of all versions of a worksheet and their blobs, as they are stored. */
  async bytes(worksheet: WorksheetId): Promise<number> {
    let all = 0;
    for (const table of ['worksheet_versions', 'worksheet_blobs'] as const) {
      const { sum } = await this.#db
        .selectFrom(table)
        .select((select) => select.fn.sum<number | bigint | string | null>('bytes').as('sum'))
        .where('worksheet_id', '=', worksheet)
        .executeTakeFirstOrThrow();
      all += Number(sum ?? 0);
    }
    return all;
  }

  #select(worksheet: WorksheetId) {
    return this.#db
      .selectFrom('worksheet_versions')
      .select(['id', 'worksheet_id', 'at', 'kind', 'name', 'who', 'sources', 'whole', 'bytes'])
      .where('worksheet_id', '=', worksheet);
  }

  async #undo(db: Transaction<Tables>, worksheet: WorksheetId): Promise<false> {
    await sweep(db, worksheet);
    return false;
  }
}

/** Until the transaction ends nobody else adds or removes versions of the worksheet: what one refers to, the other would sweep. */
async function lock(db: Transaction<Tables>, worksheet: WorksheetId): Promise<void> {
  await db
    .updateTable('worksheets')
    .set((row) => ({ title: row.ref('title') }))
    .where('id', '=', worksheet)
    .execute();
}

async function hashesOf(db: Kysely<Tables>, worksheet: WorksheetId): Promise<Set<string>> {
  const rows = await db.selectFrom('worksheet_blobs').select('hash').where('worksheet_id', '=', worksheet).execute();
  return new Set(rows.map(({ hash }) => hash));
}

async function sweep(db: Transaction<Tables>, worksheet: WorksheetId): Promise<void> {
  await db
    .deleteFrom('worksheet_blobs')
    .where('worksheet_id', '=', worksheet)
    .where('hash', 'not in', (used) =>
      used
        .selectFrom('worksheet_version_blobs as use')
        .innerJoin('worksheet_versions as version', 'version.id', 'use.version_id')
        .select('use.hash')
        .where('version.worksheet_id', '=', worksheet),
    )
    .execute();
}

function chunks<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / AT_ONCE) }, (_, index) =>
    all.slice(index * AT_ONCE, (index + 1) * AT_ONCE),
  );
}

const toRow = (version: StoredVersion): Omit<VersionRow, 'content'> => ({
  id: version.id,
  worksheet_id: version.worksheet,
  at: version.at,
  kind: version.kind,
  name: version.name,
  who: JSON.stringify(version.who),
  sources: version.sources,
  whole: version.whole,
  bytes: version.bytes,
});

/** A row that this version of the program would not write is skipped. */
function toVersion(row: Omit<VersionRow, 'content'>): StoredVersion[] {
  const kind = VERSION_KINDS.find((known) => known === row.kind);
  const { id, worksheet_id: worksheet, name, sources, whole } = row;
  if (kind === undefined || !isVersionId(id) || !isLibraryId(worksheet)) return [];
  const [at, bytes] = [Number(row.at), Number(row.bytes)];
  return [{ id, worksheet, at, kind, name, who: names(row.who), sources, whole, bytes }];
}

function names(json: string): string[] {
  const parsed: unknown = JSON.parse(json);
  return Array.isArray(parsed) ? parsed.filter((name) => typeof name === 'string') : [];
}
