import type { Kysely, Migration } from 'kysely';

export const files: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('worksheet_files')
      .addColumn('worksheet_id', 'text', (column) => column.notNull().references('worksheets.id').onDelete('cascade'))
      .addColumn('path', 'text', (column) => column.notNull())
      .addColumn('size', 'bigint', (column) => column.notNull())
      .addColumn('mtime', 'bigint', (column) => column.notNull())
      .addColumn('sha256', 'text', (column) => column.notNull())
      .addColumn('blob', 'text', (column) => column.notNull())
      .addColumn('seen_in', 'text')
      .addColumn('changed_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('worksheet_files_by_path', ['worksheet_id', 'path'])
      .execute();
    await db.schema.createIndex('worksheet_files_of_a_blob').on('worksheet_files').column('blob').execute();
  },
};
