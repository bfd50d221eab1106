import type { Kysely, Migration } from 'kysely';

export const admin: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('liveness')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute();
  },
};
