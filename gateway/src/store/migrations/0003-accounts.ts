import type { Kysely, Migration } from 'kysely';
import { nameKey } from '../../base/name-key.ts';

export const accounts: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable('users')
      .addColumn('name_key', 'text', (column) => column.notNull().defaultTo(''))
      .execute();
    await db.schema.alterTable('users').addColumn('signed_in_at', 'bigint').execute();
    const users = db as Kysely<{ users: { id: string; name: string; name_key: string } }>;
    for (const { id, name } of await users.selectFrom('users').select(['id', 'name']).execute())
      await users
        .updateTable('users')
        .set({ name_key: nameKey(name) })
        .where('id', '=', id)
        .execute();
    /** Not unique: what was made before may hold `Ada` and `ada`. */
    await db.schema.createIndex('users_by_name_key').on('users').column('name_key').execute();
    for (const name of ['user_agent', 'address'])
      await db.schema
        .alterTable('web_sessions')
        .addColumn(name, 'text', (column) => column.notNull().defaultTo(''))
        .execute();
    await db.schema.createIndex('web_sessions_of_a_person').on('web_sessions').column('user_id').execute();
    await db.schema
      .createTable('passwords')
      .addColumn('user_id', 'text', (column) => column.primaryKey().references('users.id').onDelete('cascade'))
      .addColumn('phc', 'text', (column) => column.notNull())
      .addColumn('changed_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema
      .createTable('invitations')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('user_id', 'text', (column) => column.notNull().unique().references('users.id').onDelete('cascade'))
      .addColumn('key_hash', 'text', (column) => column.notNull().unique())
      .addColumn('purpose', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('ends_at', 'bigint', (column) => column.notNull())
      .execute();
  },
};
