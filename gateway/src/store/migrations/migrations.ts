/** The schema's history. Steps run forward only, each once, in one transaction; a step that was released is never edited. */
import type { Migration } from 'kysely';
import { peopleAndKernels } from './0001-people-and-kernels.ts';
import { worksheets } from './0002-worksheets.ts';
import { accounts } from './0003-accounts.ts';
import { sharing } from './0004-sharing.ts';
import { versions } from './0005-versions.ts';
import { files } from './0006-files.ts';
import { execution } from './0008-execution.ts';
import { audit } from './0010-audit.ts';
import { admin } from './0012-admin.ts';

export const migrations: Record<string, Migration> = {
  '0001-people-and-kernels': peopleAndKernels,
  '0002-worksheets': worksheets,
  '0003-accounts': accounts,
  '0004-sharing': sharing,
  '0005-versions': versions,
  '0006-files': files,
  '0008-execution': execution,
  '0010-audit': audit,
  '0012-admin': admin,
};
