/** `carrel policy check [folder]` and `carrel policy schema [--check]`: for the people who write policies, and for the checks. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { readPolicies } from '../config/load-policies.ts';
import { schemaFiles } from '../config/policy-schema.ts';
import { formatProblem } from '../config/problems.ts';
import { formatSize } from '../config/quantities.ts';

const FOLDER = 'policies';

export interface PolicyOutput {
  print(line: string): void;
  /** Sets the exit status of the process. */
  fail(): void;
}

const processOutput: PolicyOutput = {
  print: (line) => void process.stdout.write(`${line}\n`),
  fail: () => {
    process.exitCode = 1;
  },
};

export function policyCommand(output: PolicyOutput = processOutput): Command {
  const policy = new Command('policy').description('policies: the limits that sandboxes are made with');
  policy
    .command('check')
    .description('read all policies and print every problem')
    .argument('[folder]', 'folder of the policies', process.env['CARREL_POLICIES'] ?? FOLDER)
    .action((folder: string) => check(folder, output));
  policy
    .command('schema')
    .description('write the JSON Schemas for editors')
    .option('--check', 'write nothing; fail when they are not up to date', false)
    .option('--folder <folder>', 'where they are', FOLDER)
    .action((options: { check: boolean; folder: string }) => schema(options, output));
  return policy;
}

function check(folder: string, output: PolicyOutput): void {
  const { problems, loaded } = readPolicies(folder);
  for (const problem of problems) output.print(formatProblem(problem));
  if (loaded === undefined) {
    output.print(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'} in ${folder}`);
    output.fail();
    return;
  }
  for (const { name, memory, cpus, runtime, description } of loaded.policies.values()) {
    output.print(`${name.padEnd(12)} ${formatSize(memory).padStart(8)}  ${cpus} cpu  ${runtime}  ${description}`);
  }
  output.print(`${loaded.policies.size} policies in ${folder}: no problem`);
}

function schema(options: { check: boolean; folder: string }, output: PolicyOutput): void {
  for (const [name, text] of Object.entries(schemaFiles())) {
    const path = join(options.folder, name);
    if (!options.check) {
      writeFileSync(path, text);
      output.print(`${path} written`);
    } else if (contentOf(path) !== text) {
      output.print(
        `${path}: expected what \`carrel policy schema\` writes, got something else; run it and commit the file`,
      );
      output.fail();
    }
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
