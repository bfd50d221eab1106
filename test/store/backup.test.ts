/** docs/spec/backup.md, with PostgreSQL on one side or on both. */
import { backupContract } from '../contract/backup-contract.ts';
import { freshDatabase } from '../support/postgres.ts';

const embedded = async () => undefined;
backupContract('from SQLite into PostgreSQL', embedded, freshDatabase);
backupContract('from PostgreSQL into SQLite', freshDatabase, embedded);
