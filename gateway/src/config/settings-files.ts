/**
 * Settings that stand in files: `NAME_FILE` is the path of a file that holds what `NAME` would, as secrets of container engines do.
 * A name that is a setting itself is never taken for such a path.
 */
import { readFileSync } from 'node:fs';

type Environment = Readonly<Record<string, string | undefined>>;

const SUFFIX = '_FILE';

/** The environment with what the files hold in the place of their names, and what was wrong with them, one line each. */
export function readFromFiles(
  given: Environment,
  names: readonly string[],
): { environment: Environment; problems: string[] } {
  const environment: Record<string, string | undefined> = { ...given };
  const problems: string[] = [];
  for (const name of names) {
    const key = `${name}${SUFFIX}`;
    const path = given[key];
    if (path === undefined || names.includes(key)) continue;
    delete environment[key];
    if (given[name] !== undefined) {
      problems.push(`expected ${name} or ${key}, got both`);
      continue;
    }
    try {
      /** An editor ends the file with a newline that is not meant. */
      environment[name] = readFileSync(path, 'utf8').trim();
    } catch (error) {
      problems.push(
        `expected ${key} to name a file that can be read, got ${JSON.stringify(path)}: ${(error as Error).message}`,
      );
    }
  }
  return { environment, problems };
}
