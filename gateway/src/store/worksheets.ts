/**
 * Worksheets and their documents. A document is kept as the Yjs updates that made it, in order; from time to time the first
 * ones are replaced by one that says the same. What is written here has been given to the operating system when the promise
 * resolves: it survives the end of this process, however it ends.
 */
import type { Kysely } from 'kysely';
import {
  isLibraryId,
  isPolicyName,
  type PolicyName,
  storedUserId,
  type UserId,
  type WorksheetId,
} from '../base/ids.ts';
import { untilAlone } from './conflicts.ts';
import type { Tables, WorksheetRow } from './tables.ts';

/** Nothing was run for long; its longest life was over. */
export type SleepCause = 'idle' | 'life';

export interface StoredWorksheet {
  readonly id: WorksheetId;
  readonly owner: UserId;
  readonly title: string;
  readonly policy: PolicyName;
  /** The kernel's own name in the image, for instance `python3`. */
  readonly kernel: string;
  /** The name by which people chose it, for instance `python3-large`. */
  readonly kernelspec: string;
  /** Milliseconds since the epoch, like all times here. */
  readonly createdAt: number;
  /** Of the document or of the title. */
  readonly changedAt: number;
  readonly trashedAt: number | null;
  /** Its policy has ended its sandbox, and there was none since. */
  readonly slept?: { readonly at: number; readonly by: SleepCause } | undefined;
}

export interface StoredUpdate {
  /** 1 and up within the worksheet. */
  readonly seq: number;
  readonly data: Uint8Array;
}

export class Worksheets {
  readonly #db: Kysely<Tables>;
  readonly #documents: Kysely<Tables>;

  /** Documents are read and written beside all else; each has one writer, its journal. */
  constructor(db: Kysely<Tables>, documents: Kysely<Tables> = db) {
    this.#db = db;
    this.#documents = documents;
  }

  /** Adds it with the first update of its document, or neither. */
  async create(worksheet: StoredWorksheet, document: Uint8Array): Promise<void> {
    await this.#db.transaction().execute(async (db) => {
      await db.insertInto('worksheets').values(toRow(worksheet)).execute();
      const first = { worksheet_id: worksheet.id, seq: 1, at: worksheet.createdAt, data: document };
      await db.insertInto('worksheet_updates').values(first).execute();
    });
  }

  async get(id: WorksheetId): Promise<StoredWorksheet | undefined> {
    const row = await this.#db.selectFrom('worksheets').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toWorksheet(row)[0];
  }

  /** Those of a person that are in the trash, or those that are not; the last changed one first. */
  async list(owner: UserId, { trashed }: { readonly trashed: boolean }): Promise<StoredWorksheet[]> {
    const rows = await this.#db
      .selectFrom('worksheets')
      .selectAll()
      .where('user_id', '=', owner)
      .where('trashed_at', trashed ? 'is not' : 'is', null)
      .orderBy('changed_at', 'desc')
      .orderBy('id')
      .execute();
    return rows.flatMap(toWorksheet);
  }

  /** Of a person, those in the trash among them. */
  async count(owner: UserId): Promise<number> {
    const { count } = await this.#db
      .selectFrom('worksheets')
      .select((select) => select.fn.countAll<number | bigint | string>().as('count'))
      .where('user_id', '=', owner)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** Those that have a kernel, which may be at work. */
  async withKernel(): Promise<StoredWorksheet[]> {
    const rows = await this.#db
      .selectFrom('worksheets')
      .innerJoin('kernels', 'kernels.id', 'worksheets.id')
      .selectAll('worksheets')
      .where('worksheets.trashed_at', 'is', null)
      .orderBy('worksheets.id')
      .execute();
    return rows.flatMap(toWorksheet);
  }

  /** False where there is no such worksheet; so are the answers of the next four. */
  rename(id: WorksheetId, title: string, at: number): Promise<boolean> {
    return this.#set(id, { title, changed_at: at });
  }

  /** Its document has changed. */
  touch(id: WorksheetId, at: number): Promise<boolean> {
    return this.#set(id, { changed_at: at });
  }

  trash(id: WorksheetId, at: number): Promise<boolean> {
    return this.#set(id, { trashed_at: at });
  }

  restore(id: WorksheetId): Promise<boolean> {
    return this.#set(id, { trashed_at: null });
  }

  /** To another person, who then owns it. */
  async give(id: WorksheetId, to: UserId): Promise<boolean> {
    const given = await this.#set(id, { user_id: to });
    await this.#db.deleteFrom('worksheet_shares').where('worksheet_id', '=', id).where('user_id', '=', to).execute();
    return given;
  }

  setKernel(
    id: WorksheetId,
    { policy, kernel, kernelspec }: Pick<StoredWorksheet, 'policy' | 'kernel' | 'kernelspec'>,
    at: number,
  ): Promise<boolean> {
    return this.#set(id, { policy, kernel, kernelspec, changed_at: at, slept_at: null, slept_by: null });
  }

  setSlept(id: WorksheetId, slept: StoredWorksheet['slept']): Promise<boolean> {
    return this.#set(id, { slept_at: slept?.at ?? null, slept_by: slept?.by ?? null });
  }

  /** For good, with its document. */
  async remove(id: WorksheetId): Promise<boolean> {
    const done = await this.#db.deleteFrom('worksheets').where('id', '=', id).executeTakeFirst();
    return done.numDeletedRows > 0n;
  }

  /** Answers the number of the new last update. Fails where there is no such worksheet. */
  async append(id: WorksheetId, data: Uint8Array, at: number): Promise<number> {
    return untilAlone(async () => {
      const { seq } = await this.#documents
        .insertInto('worksheet_updates')
        .values((build) => ({
          worksheet_id: id,
          seq: build
            .selectFrom('worksheet_updates as before')
            .select((own) => own(own.fn.coalesce(own.fn.max('before.seq'), own.lit(0)), '+', own.lit(1)).as('next'))
            .where('before.worksheet_id', '=', id),
          at,
          data,
        }))
        .returning('seq')
        .executeTakeFirstOrThrow();
      return Number(seq);
    });
  }

  /** In their order. */
  async updates(id: WorksheetId): Promise<StoredUpdate[]> {
    const rows = await this.#documents
      .selectFrom('worksheet_updates')
      .select(['seq', 'data'])
      .where('worksheet_id', '=', id)
      .orderBy('seq')
      .execute();
    return rows.map(({ seq, data }) => ({ seq: Number(seq), data }));
  }

  /** Replaces the updates up to and with `upTo` by one, `state`, which says what they say. */
  async compact(id: WorksheetId, state: Uint8Array, upTo: number, at: number): Promise<void> {
    await this.#documents.transaction().execute(async (db) => {
      await db.deleteFrom('worksheet_updates').where('worksheet_id', '=', id).where('seq', '<=', upTo).execute();
      await db.insertInto('worksheet_updates').values({ worksheet_id: id, seq: upTo, at, data: state }).execute();
    });
  }

  async #set(id: WorksheetId, change: Partial<WorksheetRow>): Promise<boolean> {
    const done = await this.#db.updateTable('worksheets').set(change).where('id', '=', id).executeTakeFirst();
    return done.numUpdatedRows > 0n;
  }
}

const toRow = (worksheet: StoredWorksheet): WorksheetRow => ({
  id: worksheet.id,
  user_id: worksheet.owner,
  title: worksheet.title,
  policy: worksheet.policy,
  kernel: worksheet.kernel,
  kernelspec: worksheet.kernelspec,
  created_at: worksheet.createdAt,
  changed_at: worksheet.changedAt,
  trashed_at: worksheet.trashedAt,
  slept_at: worksheet.slept?.at ?? null,
  slept_by: worksheet.slept?.by ?? null,
});

/** None for a row whose ids are not of the shapes that this version writes. */
export function toWorksheet(row: WorksheetRow): StoredWorksheet[] {
  const { id, policy, title, kernel, kernelspec } = row;
  if (!isLibraryId(id) || !isPolicyName(policy)) return [];
  return [
    {
      id,
      owner: storedUserId(row.user_id),
      title,
      policy,
      kernel,
      kernelspec,
      createdAt: Number(row.created_at),
      changedAt: Number(row.changed_at),
      trashedAt: row.trashed_at === null ? null : Number(row.trashed_at),
      ...sleepOf(row),
    },
  ];
}

function sleepOf({ slept_at, slept_by }: WorksheetRow): Pick<StoredWorksheet, 'slept'> {
  const by = slept_by === 'life' ? 'life' : 'idle';
  return slept_at === null ? {} : { slept: { at: Number(slept_at), by } };
}
