/** The checks of `npm run check`: types, lint and format, layers, dead code, generated files, policies, rules without a test. */
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../dependencies.mjs';
import { run, SetupError } from '../steps.mjs';
import { strayNames } from './documents.ts';
import { strayFigures } from './figures.ts';
import { namedTests } from './named-tests.ts';
import { untestedRules } from './rules.ts';

export interface Check {
  readonly name: string;
  /** Answers a few words about what was read; throws with what is wrong. */
  run(): Promise<string>;
}

const MAIN = 'gateway/src/cli/main.ts';
const THREATS = 'docs/admin/threat-model.md';
const SIZES = 'docs/admin/sizing.md';
const LAYERED = ['gateway', 'setup', 'test', 'bench'];

/** On the Node that runs us, whatever `env node` finds. */
const tool = (path: string, ...args: string[]) =>
  run(process.execPath, [join(root, path), ...args], { cwd: root, tail: 120 });
const bin = (name: string, ...args: string[]) => tool(`node_modules/.bin/${name}`, ...args);

export const checks: readonly Check[] = [
  { name: 'types', run: () => bin('tsc', '--noEmit', '-p', '.').then(() => 'tsc') },
  { name: 'types of the pages', run: () => bin('tsc', '--noEmit', '-p', 'gateway/web').then(() => 'tsc') },
  { name: 'lint and format', run: () => bin('biome', 'check', '--error-on-warnings', '.').then(lastLine) },
  { name: 'layers', run: layers },
  { name: 'dead code', run: () => bin('knip', '--no-progress', '--treat-config-hints-as-errors').then(() => 'knip') },
  {
    name: 'generated files',
    run: () =>
      tool(MAIN, 'policy', 'schema', '--check')
        .then(() => tool(MAIN, 'doctor', 'page', '--check'))
        .then(() => 'schemas of the policies, docs/admin/doctor.md'),
  },
  { name: 'policies', run: () => tool(MAIN, 'policy', 'check').then(lastLine) },
  { name: 'rules', run: rules },
  { name: 'documents', run: documents },
];

/** Answers the names of those that failed. */
export async function runChecks(list: readonly Check[], print: (line: string) => void): Promise<string[]> {
  const problems = new Map<string, string>();
  const width = Math.max(...list.map(({ name }) => name.length));
  await Promise.all(
    list.map(async ({ name, run: check }) => {
      const begun = Date.now();
      const tell = (verdict: string, what: string) =>
        print(
          `${verdict.padEnd(6)} ${name.padEnd(width)}  ${((Date.now() - begun) / 1000).toFixed(1)} s  ${what}`.trimEnd(),
        );
      try {
        tell('ok', await check());
      } catch (error) {
        tell('FAILED', '');
        problems.set(name, error instanceof Error ? error.message : String(error));
      }
    }),
  );
  for (const [name, problem] of problems) print(`\n── ${name} ──\n${problem}`);
  return [...problems.keys()];
}

/**
 * dependency-cruiser answers "no violation" also when it could read nothing (no TypeScript it knows), so the modules that it
 * read are held against the files that there are.
 */
async function layers(): Promise<string> {
  const files = globSync(
    LAYERED.map((folder) => `${folder}/**/*.ts`),
    { cwd: root },
  );
  const cruise = ['node_modules/.bin/depcruise', ...LAYERED, '--output-type', 'json'];
  const output = await run(process.execPath, cruise, { cwd: root, anyStatus: true });
  const { modules, summary } = JSON.parse(output) as Cruise;
  const read = new Set(modules.map(({ source }) => source));
  const unread = files.filter((path) => !read.has(path));
  if (unread.length > 0) throw new SetupError(`not read, so not checked: ${unread.join(', ')}`);
  const violations = summary.violations.map(
    ({ rule, from, to, comment }) => `${rule.name}: ${from} → ${to}${comment === undefined ? '' : ` (${comment})`}`,
  );
  if (violations.length > 0) throw new SetupError(violations.join('\n'));
  return `${files.length} files, ${summary.totalDependenciesCruised} imports`;
}

interface Cruise {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly totalDependenciesCruised: number;
    readonly violations: readonly {
      readonly rule: { readonly name: string };
      readonly from: string;
      readonly to: string;
      readonly comment?: string;
    }[];
  };
}

async function rules(): Promise<string> {
  const { rules: all, untested } = untestedRules(root);
  if (all.length === 0) throw new SetupError('no rule was found in docs/spec');
  if (untested.length > 0) throw new SetupError(`no test names these rules of docs/spec: ${untested.join(', ')}`);
  return `${all.length} rules of docs/spec, each named by a test`;
}

/** What an administrator reads is true as far as a program can tell. */
async function documents(): Promise<string> {
  const { carrelProgram } = await import('../../gateway/src/cli/program.ts');
  const { documents: read, problems } = strayNames({ folder: root, program: await carrelProgram() });
  const proofs = namedTests(THREATS, root);
  const figures = strayFigures(SIZES, root);
  const wrong = [...problems, ...proofs.problems, ...figures.problems];
  if (wrong.length > 0) throw new SetupError(wrong.join('\n'));
  if (proofs.count === 0 || figures.count === 0) throw new SetupError(`nothing was found in ${THREATS} or ${SIZES}`);
  return `${read.length} documents, ${proofs.count} proofs of threats, ${figures.count} figures`;
}

const lastLine = (text: string) => text.trim().split('\n').at(-1) ?? '';
