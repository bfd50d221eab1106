/**
 * What a document names as proof is there: tests, as `FILE` “title” (several titles may follow one file), and attacks of the catalogue, as
 * attacks `name`, `name`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PROGRAMS = 'gateway/src/attack/programs';
const ATTACKS = /\battacks?((?:,? `[a-z0-9_]+`)+)/g;
const NAMED = /`([\w./-]+\.(?:test\.ts|py|ts))`((?:,? “[^”]+”)+)/g;

/** How many proofs were looked for, and a line for each that is not there. */
export function namedTests(document: string, folder: string): { count: number; problems: string[] } {
  const text = readFileSync(join(folder, document), 'utf8');
  let count = 0;
  const problems = [...text.matchAll(NAMED)].flatMap(([, file = '', titles = '']) => {
    const place = join(folder, file);
    const source = existsSync(place) ? readFileSync(place, 'utf8') : '';
    return [...titles.matchAll(/“([^”]+)”/g)].flatMap(([, title = '']) => {
      count += 1;
      return source.includes(title) ? [] : [`${document}: ${file} has no test “${title}”`];
    });
  });
  const attacks = [...text.matchAll(ATTACKS)].flatMap(([, names = '']) => names.match(/[a-z0-9_]+/g) ?? []);
  const unknown = attacks.filter((name) => !existsSync(join(folder, PROGRAMS, `${name}.py`)));
  return {
    count: count + attacks.length,
    problems: [...problems, ...unknown.map((name) => `${document}: the catalogue has no attack ${name}`)],
  };
}
