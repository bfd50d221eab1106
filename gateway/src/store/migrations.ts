/** The schema's history. Steps run forward only, each once, in one transaction; a step that was released is never edited. */
import type { Kysely, Migration } from 'kysely';

export const migrations: Record<string, Migration> = {
  '0001-people-and-kernels': {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('users')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('name', 'text', (column) => column.notNull().unique())
        .addColumn('role', 'text', (column) => column.notNull())
        .addColumn('disabled', 'integer', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('api_tokens')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
        .addColumn('label', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('expires_at', 'bigint', (column) => column.notNull())
        .addColumn('revoked', 'integer', (column) => column.notNull())
        .addColumn('link_used', 'integer', (column) => column.notNull())
        .addColumn('last_used_day', 'text')
        .execute();
      await db.schema
        .createTable('web_sessions')
        .addColumn('id_hash', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
        .addColumn('csrf', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('seen_at', 'bigint', (column) => column.notNull())
        .addColumn('ends_at', 'bigint', (column) => column.notNull())
        .execute();
      await db.schema
        .createTable('jupyter_sessions')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
        .addColumn('path', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('kernel_id', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addUniqueConstraint('one_session_per_path', ['user_id', 'path'])
        .execute();
      await db.schema
        .createTable('kernels')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
        .addColumn('policy', 'text', (column) => column.notNull())
        .addColumn('kernel', 'text', (column) => column.notNull())
        .addColumn('name', 'text', (column) => column.notNull())
        .addColumn('env', 'text', (column) => column.notNull())
        .addColumn('sandbox', 'text', (column) => column.notNull())
        .addColumn('generation', 'integer', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('last_activity', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
  '0002-worksheets': {
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
  },
};
