/** The numbered rules of docs/spec and the tests that name them. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SPEC = 'docs/spec/*.md';
const TESTS = [
  'gateway/src/**/*.test.ts',
  'gateway/web/src/**/*.test.ts',
  'setup/**/*.test.ts',
  'test/**/*.ts',
  'kernel-image/*/tests/**/*.py',
];
const COMMENT = /^\s*(\/\/|\/\*|\*|#)/;

/** Rules as `**AF4**` in a specification; named by a test when its id stands in a line of one that is not a comment. */
export function untestedRules(folder: string): { rules: string[]; untested: string[] } {
  const read = (patterns: string | readonly string[]) =>
    globSync(patterns, { cwd: folder })
      .sort()
      .map((path) => readFileSync(join(folder, path), 'utf8'));
  const rules = new Set(
    read(SPEC).flatMap((text) => [...text.matchAll(/\*\*([A-Z]{2,4}\d+)\*\*/g)].map(([, id]) => String(id))),
  );
  const named = new Set(
    read(TESTS)
      .flatMap((text) => text.split('\n'))
      .filter((line) => !COMMENT.test(line))
      .flatMap((line) =>
        [...line.matchAll(/(?<![A-Za-z0-9])([A-Z]{2,4}\d+)(?![A-Za-z0-9])/gi)].map(([, id]) =>
          String(id).toUpperCase(),
        ),
      ),
  );
  return { rules: [...rules], untested: [...rules].filter((id) => !named.has(id)) };
}
