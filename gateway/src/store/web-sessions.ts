/** Browsers that are signed in. The cookie's value itself is never stored, only its hash. */
import type { Kysely } from 'kysely';
import { storedUserId, type UserId } from '../base/ids.ts';
import type { Tables, WebSessionRow } from './tables.ts';

export interface WebSession {
  readonly idHash: string;
  readonly user: UserId;
  /** What the page must send back with every change. */
  readonly csrf: string;
  readonly createdAt: number;
  readonly seenAt: number;
  /** The session ends then, however much it is used. */
  readonly endsAt: number;
  /** As the browser called itself when it signed in. */
  readonly userAgent: string;
  /** From where it signed in. */
  readonly address: string;
}

export class WebSessions {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async add(session: WebSession): Promise<void> {
    await this.#db.insertInto('web_sessions').values(toRow(session)).execute();
  }

  async byHash(idHash: string): Promise<WebSession | undefined> {
    const row = await this.#db.selectFrom('web_sessions').selectAll().where('id_hash', '=', idHash).executeTakeFirst();
    return row && toSession(row);
  }

  /** The last seen one first. */
  async ofUser(user: UserId): Promise<WebSession[]> {
    const rows = await this.#db
      .selectFrom('web_sessions')
      .selectAll()
      .where('user_id', '=', user)
      .orderBy('seen_at', 'desc')
      .orderBy('id_hash')
      .execute();
    return rows.map(toSession);
  }

  async touch(idHash: string, seenAt: number): Promise<void> {
    await this.#db.updateTable('web_sessions').set({ seen_at: seenAt }).where('id_hash', '=', idHash).execute();
  }

  async remove(idHash: string): Promise<void> {
    await this.#db.deleteFrom('web_sessions').where('id_hash', '=', idHash).execute();
  }

  /** Ends a person's sessions, but for the one named; answers how many. */
  async removeOf(user: UserId, but?: string): Promise<number> {
    const all = this.#db.deleteFrom('web_sessions').where('user_id', '=', user);
    const { numDeletedRows } = await (but === undefined ? all : all.where('id_hash', '!=', but)).executeTakeFirst();
    return Number(numDeletedRows);
  }

  /** Forgets sessions that have ended, or were last seen before `idleSince`. */
  async sweep(now: number, idleSince: number): Promise<void> {
    await this.#db
      .deleteFrom('web_sessions')
      .where((where) => where.or([where('ends_at', '<=', now), where('seen_at', '<', idleSince)]))
      .execute();
  }
}

const toRow = (session: WebSession): WebSessionRow => ({
  id_hash: session.idHash,
  user_id: session.user,
  csrf: session.csrf,
  created_at: session.createdAt,
  seen_at: session.seenAt,
  ends_at: session.endsAt,
  user_agent: session.userAgent,
  address: session.address,
});

const toSession = (row: WebSessionRow): WebSession => ({
  idHash: row.id_hash,
  user: storedUserId(row.user_id),
  csrf: row.csrf,
  createdAt: row.created_at,
  seenAt: row.seen_at,
  endsAt: row.ends_at,
  userAgent: row.user_agent,
  address: row.address,
});
