import type { Kysely, Migration } from 'kysely';

export const worksheets: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('worksheets')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('title', 'text', (column) => column.notNull())
      .addColumn('policy', 'text', (column) => column.notNull())
      .addColumn('kernel', 'text', (column) => column.notNull())
      .addColumn('kernelspec', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('changed_at', 'bigint', (column) => column.notNull())
      .addColumn('trashed_at', 'bigint')
      .execute();
    await db.schema.createIndex('worksheets_of_a_person').on('worksheets').column('user_id').execute();
    await db.schema
      .createTable('worksheet_updates')
      .addColumn('worksheet_id', 'text', (column) => column.notNull().references('worksheets.id').onDelete('cascade'))
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      /** Postgres' name; SQLite keeps bytes as bytes in a column of any name. */
      .addColumn('data', 'bytea', (column) => column.notNull())
      .addPrimaryKeyConstraint('worksheet_updates_in_order', ['worksheet_id', 'seq'])
      .execute();
  },
};
