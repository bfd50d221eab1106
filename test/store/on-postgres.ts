/** Programs and stores that the tests of this file start work on a PostgreSQL database of their own. */
import { inject } from 'vitest';
import { freshDatabase } from '../support/postgres.ts';

process.env['TEST_POSTGRES'] = inject('postgres');
process.env['CARREL_DATABASE'] = await freshDatabase();
