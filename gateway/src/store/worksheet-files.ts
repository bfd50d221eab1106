/** What is kept of the files of worksheets: names, sizes and where the content is. The content itself is in the data folder. */
import type { Kysely } from 'kysely';
import { isSandboxId, type SandboxId, type UserId, type WorksheetId } from '../base/ids.ts';
import type { Tables, WorksheetFileRow } from './tables.ts';

export interface StoredFile {
  /** Relative to the home folder of a sandbox. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Microseconds since the epoch, as the file has it in a sandbox; 0 where it is to be looked at again. */
  readonly mtime: number;
  /** Of the content, hexadecimal. */
  readonly sha256: string;
  /** The name of the content in the folder of files. */
  readonly blob: string;
  /** The sandbox in which it was seen as it is kept; undefined where no sandbox is known to have it. */
  readonly seenIn: SandboxId | undefined;
  /** Milliseconds since the epoch. */
  readonly changedAt: number;
}

export class WorksheetFiles {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** By path. */
  async list(worksheet: WorksheetId): Promise<StoredFile[]> {
    const rows = await this.#db
      .selectFrom('worksheet_files')
      .selectAll()
      .where('worksheet_id', '=', worksheet)
      .orderBy('path')
      .execute();
    return rows.map(toFile);
  }

  /** In the place of an earlier one with this path. Fails where there is no such worksheet. */
  async put(worksheet: WorksheetId, file: StoredFile): Promise<void> {
    const { worksheet_id, path, ...rest } = toRow(worksheet, file);
    await this.#db
      .insertInto('worksheet_files')
      .values({ worksheet_id, path, ...rest })
      .onConflict((conflict) => conflict.columns(['worksheet_id', 'path']).doUpdateSet(rest))
      .execute();
  }

  /** The sandbox has it as it is kept, with this time. */
  async seen(worksheet: WorksheetId, path: string, sandbox: SandboxId, mtime: number): Promise<void> {
    await this.#db
      .updateTable('worksheet_files')
      .set({ seen_in: sandbox, mtime })
      .where('worksheet_id', '=', worksheet)
      .where('path', '=', path)
      .execute();
  }

  async remove(worksheet: WorksheetId, path: string): Promise<void> {
    await this.#db
      .deleteFrom('worksheet_files')
      .where('worksheet_id', '=', worksheet)
      .where('path', '=', path)
      .execute();
  }

  /** Those of one worksheet for another one, which has none; the content is shared. */
  async copy(from: WorksheetId, to: WorksheetId): Promise<void> {
    const rows = (await this.list(from)).map((file) => toRow(to, { ...file, seenIn: undefined }));
    if (rows.length > 0) await this.#db.insertInto('worksheet_files').values(rows).execute();
  }

  /** Bytes of the files of all worksheets of a person, and of one more where it is named; what several share counts once. */
  async sizeOfOwner(owner: UserId, more?: WorksheetId): Promise<number> {
    const contents = this.#db
      .selectFrom('worksheet_files')
      .innerJoin('worksheets', 'worksheets.id', 'worksheet_files.worksheet_id')
      .where(({ eb, or }) =>
        or([eb('worksheets.user_id', '=', owner), ...(more === undefined ? [] : [eb('worksheets.id', '=', more)])]),
      )
      .groupBy('worksheet_files.blob')
      .select(({ fn }) => fn.min('worksheet_files.size').as('size'));
    const row = await this.#db
      .selectFrom(contents.as('contents'))
      .select(({ fn }) => fn.sum('contents.size').as('size'))
      .executeTakeFirst();
    return Number(row?.size ?? 0);
  }

  /** Whether any file has this content. */
  async uses(blob: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('worksheet_files')
      .select('blob')
      .where('blob', '=', blob)
      .limit(1)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Every content that some file has. */
  async blobs(): Promise<Set<string>> {
    const rows = await this.#db.selectFrom('worksheet_files').select('blob').distinct().execute();
    return new Set(rows.map(({ blob }) => blob));
  }
}

const toRow = (worksheet: WorksheetId, file: StoredFile): WorksheetFileRow => ({
  worksheet_id: worksheet,
  path: file.path,
  size: file.size,
  mtime: file.mtime,
  sha256: file.sha256,
  blob: file.blob,
  seen_in: file.seenIn ?? null,
  changed_at: file.changedAt,
});

const toFile = (row: WorksheetFileRow): StoredFile => ({
  path: row.path,
  size: Number(row.size),
  mtime: Number(row.mtime),
  sha256: row.sha256,
  blob: row.blob,
  seenIn: row.seen_in !== null && isSandboxId(row.seen_in) ? row.seen_in : undefined,
  changedAt: Number(row.changed_at),
});
