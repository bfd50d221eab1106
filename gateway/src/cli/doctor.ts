/** `carrel doctor`: what is wrong with the host and the installation, for people and for monitoring. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { programFolder, programVersion } from '../app/places.ts';
import { CarrelError } from '../base/errors.ts';

/** Monitoring's word for "it could not be looked at". */
const UNKNOWN = 3;
const WIDTH = 120;
const PAGE = 'docs/admin/doctor.md';

interface Options {
  readonly json: boolean;
  readonly problems: boolean;
  readonly only: readonly string[];
  readonly env?: string;
  readonly attack?: string | true;
  readonly report: readonly string[];
}

export function doctorCommand(): Command {
  const doctor = new Command('doctor')
    .description('check the host and the installation; exit status 0 in order, 1 warnings, 2 failed, 3 could not look')
    .option('--json', 'print JSON, as docs/admin/doctor.md describes it', false)
    .option('--problems', 'leave out what passed', false)
    .option('--only <names...>', 'these checks or families of checks alone', [])
    .option('--env <file>', 'the .env of a Compose stack, looked at from outside of it')
    .option(
      '--attack [policy]',
      'run all attacks in sandboxes of the policy; exit status 0 contained, 1 not contained, 2 could not be run',
    )
    .option('--report <files...>', 'with --attack: write the report, .html or .md', [])
    .action(examineHost);
  doctor
    .command('page')
    .description(`write ${PAGE}, the list of all checks`)
    .option('--check', 'write nothing; fail when it is not up to date', false)
    .action(page);
  return doctor;
}

async function examineHost({ json, problems, only, env, attack, report }: Options): Promise<void> {
  if (attack !== undefined || report.length > 0) {
    const { attackSandboxes } = await import('./attack.ts');
    const others = [...(problems ? ['--problems'] : []), ...(only.length > 0 ? ['--only'] : [])];
    await attackSandboxes({ attack, others, report, json, ...(env === undefined ? {} : { env }) });
    return;
  }
  const [{ examine }, { resultText }] = await Promise.all([import('../doctor/doctor.ts'), import('../doctor/text.ts')]);
  try {
    const names = only.flatMap((name) => name.split(','));
    const file = env === undefined ? {} : { file: env };
    const result = await examine({ environment: process.env, only: names, program: programVersion(), ...file });
    const colour = process.stdout.isTTY === true && !process.env['NO_COLOR'];
    const width = Math.min(process.stdout.columns ?? WIDTH, WIDTH);
    const text = json ? JSON.stringify(result.report, null, 2) : resultText(result, { colour, width, problems });
    process.stdout.write(`${text}\n`);
    process.exitCode = result.status;
  } catch (error) {
    if (!(error instanceof CarrelError)) throw error;
    process.stderr.write(`carrel: ${error.message}\n`);
    process.exitCode = UNKNOWN;
  }
}

async function page({ check }: { check: boolean }): Promise<void> {
  const { referencePage } = await import('../doctor/reference.ts');
  const path = join(programFolder, PAGE);
  if (!check) {
    writeFileSync(path, referencePage());
    process.stdout.write(`${PAGE} written\n`);
    return;
  }
  if (readFileSync(path, 'utf8') === referencePage()) return;
  process.stdout.write(
    `${PAGE}: expected what \`carrel doctor page\` writes, got something else; run it and commit the file\n`,
  );
  process.exitCode = 1;
}
