import type { Kysely, Migration } from 'kysely';

export const versions: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('worksheet_versions')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('worksheet_id', 'text', (column) => column.notNull().references('worksheets.id').onDelete('cascade'))
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('name', 'text')
      .addColumn('who', 'text', (column) => column.notNull())
      .addColumn('sources', 'text', (column) => column.notNull())
      .addColumn('whole', 'text', (column) => column.notNull())
      .addColumn('bytes', 'bigint', (column) => column.notNull())
      .addColumn('content', 'bytea', (column) => column.notNull())
      .execute();
    await db.schema
      .createIndex('versions_of_a_worksheet')
      .on('worksheet_versions')
      .columns(['worksheet_id', 'at'])
      .execute();
    await db.schema
      .createTable('worksheet_blobs')
      .addColumn('worksheet_id', 'text', (column) => column.notNull().references('worksheets.id').onDelete('cascade'))
      .addColumn('hash', 'text', (column) => column.notNull())
      .addColumn('bytes', 'bigint', (column) => column.notNull())
      .addColumn('data', 'bytea', (column) => column.notNull())
      .addPrimaryKeyConstraint('one_blob_for_a_hash', ['worksheet_id', 'hash'])
      .execute();
    await db.schema
      .createTable('worksheet_version_blobs')
      .addColumn('version_id', 'text', (column) =>
        column.notNull().references('worksheet_versions.id').onDelete('cascade'),
      )
      .addColumn('hash', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('blobs_of_a_version', ['version_id', 'hash'])
      .execute();
  },
};
