/** Whether a database is empty, which is what a backup may be restored into. */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { CarrelError } from '../base/errors.ts';
import { knownSteps, requireKnownSteps, type SchemaTable, tablesAfter } from './schema.ts';
import { quoted, type Row } from './snapshot.ts';

export type Ask = (select: string) => Promise<readonly Row[]>;

/**
 * Tables of this program that are there, those that others refer to first; each has what its own making writes, and no more. Throws
 * `conflict` for anything else, `invalid_settings` for a database of a newer program.
 */
export async function requireEmpty(ask: Ask, where: string): Promise<string[]> {
  const rowsIn = async (table: SchemaTable) =>
    ask(`select count(*) from ${quoted(table)}`).then(
      ([row]) => Number(row?.[0]),
      () => undefined,
    );
  const there: string[] = [];
  const applied = await ask('select name from kysely_migration order by name').catch(() => []);
  const steps = applied.map(([name]) => String(name));
  requireKnownSteps(steps, where);
  for (const table of await tablesAfter(knownSteps())) {
    const rows = await rowsIn(table);
    if (rows === undefined) continue;
    if (rows > table.made) throw notEmpty(where, `${rows} ${rows === 1 ? 'row' : 'rows'} in the table ${table.name}`);
    there.push(table.name);
  }
  if (there.length > 0 && steps.length === 0) throw notEmpty(where, `a table ${there[0]} that Carrel has not made`);
  return there;
}

export const notEmpty = (where: string, found: string): CarrelError =>
  new CarrelError(
    'conflict',
    `a backup is restored into an empty installation only, and ${where} has ${found}; nothing was changed. Name an empty data folder with --into (and an empty database with CARREL_DATABASE), or remove what is there first`,
  );

export async function requireEmptySqlite(file: string): Promise<void> {
  if (!existsSync(file)) return;
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const ask: Ask = async (select) => {
      const statement = db.prepare(select);
      statement.setReturnArrays(true);
      return statement.all() as unknown as Row[];
    };
    await requireEmpty(ask, `the database ${file}`);
  } finally {
    db.close();
  }
}
