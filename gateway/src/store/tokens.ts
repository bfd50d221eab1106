/** The list of tokens that were given out. A signed token counts only while its row here exists and is not revoked. */
import type { Kysely } from 'kysely';
import { storedTokenId, storedUserId, type TokenId, type UserId } from '../base/ids.ts';
import type { Tables, TokenRow } from './tables.ts';

export interface TokenRecord {
  readonly id: TokenId;
  readonly user: UserId;
  /** What it is for, as the person who made it said. */
  readonly label: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly revoked: boolean;
  readonly linkUsed: boolean;
  /** `2026-01-02` in UTC. */
  readonly lastUsedDay?: string;
}

export class ApiTokens {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async add(token: Pick<TokenRecord, 'id' | 'user' | 'label' | 'createdAt' | 'expiresAt'>): Promise<void> {
    const row: TokenRow = {
      id: token.id,
      user_id: token.user,
      label: token.label,
      created_at: token.createdAt,
      expires_at: token.expiresAt,
      revoked: 0,
      link_used: 0,
      last_used_day: null,
    };
    await this.#db.insertInto('api_tokens').values(row).execute();
  }

  async byId(id: TokenId): Promise<TokenRecord | undefined> {
    const row = await this.#db.selectFrom('api_tokens').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toRecord(row);
  }

  async ofUser(user: UserId): Promise<TokenRecord[]> {
    const rows = await this.#db
      .selectFrom('api_tokens')
      .selectAll()
      .where('user_id', '=', user)
      .orderBy('created_at')
      .execute();
    return rows.map(toRecord);
  }

  /** Whether there was such a token; revoking one again is no error. */
  async revoke(id: TokenId): Promise<boolean> {
    const done = await this.#db.updateTable('api_tokens').set({ revoked: 1 }).where('id', '=', id).executeTakeFirst();
    return done.numUpdatedRows > 0n;
  }

  /** Revokes every token with this label; what has expired for a month is forgotten. */
  async revokeLabelled(label: string, now: number): Promise<void> {
    await this.#db.updateTable('api_tokens').set({ revoked: 1 }).where('label', '=', label).execute();
    await this.#db
      .deleteFrom('api_tokens')
      .where('expires_at', '<', now - 30 * 86_400_000)
      .execute();
  }

  /** True for the first caller only. */
  async useLink(id: TokenId): Promise<boolean> {
    const done = await this.#db
      .updateTable('api_tokens')
      .set({ link_used: 1 })
      .where('id', '=', id)
      .where('link_used', '=', 0)
      .executeTakeFirst();
    return done.numUpdatedRows > 0n;
  }

  async markUsed(id: TokenId, day: string): Promise<void> {
    await this.#db.updateTable('api_tokens').set({ last_used_day: day }).where('id', '=', id).execute();
  }
}

const toRecord = (row: TokenRow): TokenRecord => ({
  id: storedTokenId(row.id),
  user: storedUserId(row.user_id),
  label: row.label,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revoked: row.revoked !== 0,
  linkUsed: row.link_used !== 0,
  ...(row.last_used_day === null ? {} : { lastUsedDay: row.last_used_day }),
});
