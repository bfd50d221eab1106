import type { Kysely, Migration } from 'kysely';

export const execution: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('worksheets').addColumn('slept_at', 'bigint').execute();
    await db.schema.alterTable('worksheets').addColumn('slept_by', 'text').execute();
  },
};
