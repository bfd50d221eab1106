/**
 * Reads the folder of policies: `NAME.yaml` per policy, `site.yaml`, `seccomp/PROFILE.json`. All problems of all files are
 * found at once; what passes here cannot fail later.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { CarrelError } from '../base/errors.ts';
import { isPolicyName, type PolicyName } from '../base/ids.ts';
import { type Policy, policySchema, type Site, siteSchema } from './policy.ts';
import { ceilingFindings, policyFindings, siteFindings } from './policy-checks.ts';
import { type Finding, findings, formatProblem, type Problem, show } from './problems.ts';
import { readYaml, type YamlFile } from './yaml-file.ts';

/** What a policy calls the image that Carrel brings. */
const KERNEL_IMAGE = 'carrel-kernel';

export interface LoadedPolicies {
  /** In the order of their names. */
  readonly policies: ReadonlyMap<PolicyName, Policy>;
  readonly site: Site;
  /** Profile name → JSON text, for every profile that a policy names. */
  readonly seccomp: ReadonlyMap<string, string>;
}

/** Throws `invalid_policy` with one line per problem. */
export function loadPolicies(folder: string): LoadedPolicies {
  const { problems, loaded } = readPolicies(folder);
  if (loaded !== undefined && problems.length === 0) return loaded;
  throw new CarrelError('invalid_policy', `the policies cannot be used:\n${problems.map(formatProblem).join('\n')}`);
}

/** By "carrel-kernel" policies mean this image (`CARREL_KERNEL_IMAGE`). */
export function withKernelImage(loaded: LoadedPolicies, image: string): LoadedPolicies {
  const named = (policy: Policy): Policy => (policy.image === KERNEL_IMAGE ? { ...policy, image } : policy);
  return { ...loaded, policies: new Map([...loaded.policies].map(([name, policy]) => [name, named(policy)])) };
}

/** `loaded` is there when, and only when, there is no problem. */
export function readPolicies(folder: string): { problems: Problem[]; loaded?: LoadedPolicies } {
  const problems: Problem[] = [];
  const report = (file: YamlFile, found: Finding[]) => problems.push(...found.map((finding) => file.problem(finding)));
  const profiles = seccompProfiles(folder);

  const siteFile = readYaml(join(folder, 'site.yaml'), join(folder, 'site.yaml'));
  const site = parse(siteFile, siteSchema, problems);
  const policies = new Map<PolicyName, Policy>();
  const titles = new Map<string, string>();
  const names: string[] = [];

  for (const fileName of policyFiles(folder, problems)) {
    const path = join(folder, fileName);
    const name = fileName.replace(/\.yaml$/, '');
    if (!isPolicyName(name)) {
      const expected =
        'a file name NAME.yaml with NAME of at most 32 lower-case letters, digits and "-", a letter first';
      problems.push({ file: path, line: 1, key: '', expected, found: show(fileName) });
      continue;
    }
    names.push(name);
    const file = readYaml(path, path);
    const fields = parse(file, policySchema, problems);
    if (fields === undefined) continue;
    report(file, policyFindings(fields));
    report(file, profiles.findings(fields.seccomp));
    if (site !== undefined) report(file, ceilingFindings(fields, site));
    const sameTitle = titles.get(fields.title);
    if (sameTitle !== undefined) {
      report(file, [
        { path: ['title'], expected: `another title than that of ${sameTitle}`, found: show(fields.title) },
      ]);
    }
    titles.set(fields.title, fileName);
    policies.set(name, { ...fields, name });
  }
  if (site !== undefined) report(siteFile, siteFindings(site, names));
  if (problems.length > 0 || site === undefined) return { problems };
  return { problems, loaded: { policies, site, seccomp: profiles.used } };
}

function parse<S extends z.ZodType>(file: YamlFile, schema: S, problems: Problem[]): z.output<S> | undefined {
  problems.push(...file.problems);
  if (file.problems.length > 0) return undefined;
  const result = schema.safeParse(file.value, { reportInput: false });
  if (result.success) return result.data;
  problems.push(...findings(result.error, file.value).map((finding) => file.problem(finding)));
  return undefined;
}

function policyFiles(folder: string, problems: Problem[]): string[] {
  try {
    const files = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name) && name !== 'site.yaml');
    if (files.length === 0)
      problems.push({ file: folder, line: 1, key: '', expected: 'a policy NAME.yaml at least', found: 'none' });
    return files.sort();
  } catch (error) {
    problems.push({
      file: folder,
      line: 1,
      key: '',
      expected: 'a readable folder',
      found: String((error as NodeJS.ErrnoException).code),
    });
    return [];
  }
}

const profileSchema = z.looseObject({
  defaultAction: z.literal([
    'SCMP_ACT_ERRNO',
    'SCMP_ACT_KILL',
    'SCMP_ACT_KILL_PROCESS',
    'SCMP_ACT_KILL_THREAD',
    'SCMP_ACT_TRAP',
  ]),
  architectures: z.array(z.string()).min(1),
  syscalls: z.array(z.looseObject({ names: z.array(z.string()).min(1), action: z.string() })).min(1),
});

function seccompProfiles(folder: string) {
  const used = new Map<string, string>();
  return {
    used,
    /** An allow-list as JSON is expected behind the name. */
    findings(name: string): Finding[] {
      if (used.has(name)) return [];
      const path = join(folder, 'seccomp', `${name}.json`);
      const fail = (expected: string, found: string) => [{ path: ['seccomp'], expected, found }];
      let value: unknown;
      try {
        value = JSON.parse(readFileSync(path, 'utf8'));
      } catch (error) {
        const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
        return fail(`a profile at ${path}`, missing ? 'no such file' : `${(error as Error).message}`);
      }
      const result = profileSchema.safeParse(value);
      if (!result.success) {
        const [first] = findings(result.error, value);
        return fail(
          `an allow-list at ${path}: ${first?.path.join('.')} must be ${first?.expected}`,
          first?.found ?? 'something else',
        );
      }
      used.set(name, JSON.stringify(value));
      return [];
    },
  };
}
