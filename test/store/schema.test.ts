import { schemaContract } from '../contract/schema-contract.ts';
import { freshDatabase } from '../support/postgres.ts';

schemaContract('PostgreSQL', freshDatabase);
