/** Shows that the database takes what is written: the only way to know it of a full disk or of a server that only reads. */
import type { Kysely } from 'kysely';
import type { Tables } from './tables.ts';

const ROW = 'gateway';

export class Liveness {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** Writes one row; fails as any other write would. `now` in milliseconds since the epoch. */
  async beat(now: number): Promise<void> {
    await this.#db
      .insertInto('liveness')
      .values({ id: ROW, at: now })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ at: now }))
      .execute();
  }

  /** When it was written last; undefined before. */
  async last(): Promise<number | undefined> {
    const row = await this.#db.selectFrom('liveness').select('at').where('id', '=', ROW).executeTakeFirst();
    return row === undefined ? undefined : Number(row.at);
  }
}
