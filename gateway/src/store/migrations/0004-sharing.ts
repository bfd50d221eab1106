import type { Kysely, Migration } from 'kysely';

export const sharing: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('worksheet_shares')
      .addColumn('worksheet_id', 'text', (column) => column.notNull().references('worksheets.id').onDelete('cascade'))
      .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('one_share_per_person', ['worksheet_id', 'user_id'])
      .execute();
    await db.schema.createIndex('shares_of_a_person').on('worksheet_shares').column('user_id').execute();
    await db.schema
      .createTable('worksheet_links')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('worksheet_id', 'text', (column) => column.notNull().references('worksheets.id').onDelete('cascade'))
      .addColumn('role', 'text', (column) => column.notNull())
      .addColumn('key_hash', 'text', (column) => column.notNull().unique())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('links_of_a_worksheet').on('worksheet_links').column('worksheet_id').execute();
    await db.schema
      .createTable('worksheet_link_guests')
      .addColumn('link_id', 'text', (column) => column.notNull().references('worksheet_links.id').onDelete('cascade'))
      .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
      .addColumn('came_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('one_visit_per_link_and_person', ['link_id', 'user_id'])
      .execute();
    await db.schema.createIndex('guests_of_links').on('worksheet_link_guests').column('user_id').execute();
  },
};
