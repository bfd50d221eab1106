/** The hashes of people's passwords. They stand apart from the people, so that no answer about a person can carry one. */
import type { Kysely } from 'kysely';
import { storedUserId, type UserId } from '../base/ids.ts';
import type { Tables } from './tables.ts';

export class Passwords {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** The PHC string; undefined for who has no password. */
  async of(user: UserId): Promise<string | undefined> {
    const row = await this.#db.selectFrom('passwords').select('phc').where('user_id', '=', user).executeTakeFirst();
    return row?.phc;
  }

  async set(user: UserId, phc: string, now: number): Promise<void> {
    await this.#db
      .insertInto('passwords')
      .values({ user_id: user, phc, changed_at: now })
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ phc, changed_at: now }))
      .execute();
  }

  /** Puts a stronger hash of the same password in the place of `old`, unless the password has been changed meanwhile. */
  async renew(user: UserId, old: string, phc: string): Promise<void> {
    await this.#db.updateTable('passwords').set({ phc }).where('user_id', '=', user).where('phc', '=', old).execute();
  }

  /** Whether anybody has one. */
  async any(): Promise<boolean> {
    return (await this.#db.selectFrom('passwords').select('user_id').limit(1).executeTakeFirst()) !== undefined;
  }

  /** Those who have one. */
  async holders(): Promise<ReadonlySet<UserId>> {
    const rows = await this.#db.selectFrom('passwords').select('user_id').execute();
    return new Set(rows.map((row) => storedUserId(row.user_id)));
  }
}
