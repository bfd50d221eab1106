/**
 * The lines of the audit log: they are added, read in their order, and never changed but for the addresses of a person who is forgotten.
 * Whoever adds takes the head's row first, so that several gateways and commands make one chain.
 */
import { randomBytes } from 'node:crypto';
import type { Kysely } from 'kysely';
import { type AuditEntry, type AuditEventName, type AuditLine, FIRST_PREVIOUS, hashOf, sealOf } from '../base/audit.ts';
import type { UserId } from '../base/ids.ts';
import { untilAlone } from './conflicts.ts';
import type { AuditLineRow, Tables } from './tables.ts';

/** An entry and when it was, in milliseconds since the epoch. */
export type DatedEntry = AuditEntry & { readonly at: number };

export interface AuditQuery {
  readonly event?: string | undefined;
  readonly actor?: string | undefined;
  readonly subject?: string | undefined;
  /** Milliseconds since the epoch; the first counts, the second does not. */
  readonly from?: number | undefined;
  readonly until?: number | undefined;
  /** Only lines with smaller numbers. */
  readonly before?: number | undefined;
  readonly limit: number;
}

const PAGE = 1000;

export class AuditLines {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** Adds them in this order, all or none. */
  async append(entries: readonly DatedEntry[]): Promise<void> {
    if (entries.length === 0) return;
    await untilAlone(() =>
      this.#db.transaction().execute(async (db) => {
        /** The row stays this transaction's until its end. */
        const head = await db
          .insertInto('audit_head')
          .values({ id: 'head', seq: entries.length, hash: FIRST_PREVIOUS })
          .onConflict((conflict) =>
            conflict.column('id').doUpdateSet(({ eb }) => ({ seq: eb('audit_head.seq', '+', entries.length) })),
          )
          .returning(['seq', 'hash'])
          .executeTakeFirstOrThrow();
        let seq = Number(head.seq) - entries.length;
        let previous = head.hash;
        for (const entry of entries) {
          seq += 1;
          const row = rowOf(entry, seq, previous);
          previous = row.hash;
          await db.insertInto('audit_lines').values(row).execute();
        }
        await db.updateTable('audit_head').set({ hash: previous }).where('id', '=', 'head').execute();
      }),
    );
  }

  /** The newest ones first. */
  async find(query: AuditQuery): Promise<AuditLine[]> {
    const { event, actor, subject, from, until, before, limit } = query;
    let lines = this.#db.selectFrom('audit_lines').selectAll().orderBy('seq', 'desc').limit(limit);
    if (event !== undefined) lines = lines.where('event', '=', event);
    if (actor !== undefined) lines = lines.where('actor', '=', actor);
    if (subject !== undefined) lines = lines.where('subject', '=', subject);
    if (from !== undefined) lines = lines.where('at', '>=', from);
    if (until !== undefined) lines = lines.where('at', '<', until);
    if (before !== undefined) lines = lines.where('seq', '<', before);
    return (await lines.execute()).map(toLine);
  }

  /** All of them in their order. */
  async *all(): AsyncGenerator<AuditLine> {
    for (let last = -1; ; ) {
      const rows = await this.#db
        .selectFrom('audit_lines')
        .selectAll()
        .where('seq', '>', last)
        .orderBy('seq')
        .limit(PAGE)
        .execute();
      for (const row of rows) yield toLine(row);
      const end = rows.at(-1);
      if (end === undefined) return;
      last = Number(end.seq);
    }
  }

  /** The last line of this event behind the one with the number `after`. */
  async newest(event: AuditEventName, after = 0): Promise<Pick<AuditLine, 'seq' | 'at'> | undefined> {
    const row = await this.#db
      .selectFrom('audit_lines')
      .select(['seq', 'at'])
      .where('event', '=', event)
      .where('seq', '>', after)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row && { seq: Number(row.seq), at: Number(row.at) };
  }

  /** Number and hash of the line that was added last. */
  async head(): Promise<Pick<AuditLine, 'seq' | 'hash'>> {
    const row = await this.#db.selectFrom('audit_head').selectAll().where('id', '=', 'head').executeTakeFirst();
    return { seq: Number(row?.seq ?? 0), hash: row?.hash ?? FIRST_PREVIOUS };
  }

  /** Forgets from where a person came; the lines and their chain stay. Answers how many lines it was. */
  async forgetAddresses(person: UserId): Promise<number> {
    const done = await this.#db
      .updateTable('audit_lines')
      .set({ address: null, salt: null })
      .where('actor', '=', person)
      .where('address', 'is not', null)
      .executeTakeFirst();
    return Number(done.numUpdatedRows);
  }
}

function rowOf(entry: DatedEntry, seq: number, previous: string): AuditLineRow {
  const { address } = entry;
  const salt = address === undefined ? null : randomBytes(16).toString('hex');
  const line = {
    seq,
    at: entry.at,
    event: entry.event,
    actor: entry.actor ?? null,
    via: entry.via,
    subject: entry.subject ?? null,
    /** Text of PostgreSQL cannot hold U+0000, which JSON writes as an escape. */
    details: JSON.stringify(entry.details ?? {}),
    sealed: address === undefined || salt === null ? null : sealOf(salt, address),
    previous,
  };
  return { ...line, address: address ?? null, salt, hash: hashOf(line) };
}

const toLine = (row: AuditLineRow): AuditLine => ({ ...row, seq: Number(row.seq), at: Number(row.at) });
