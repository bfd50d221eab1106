/** `carrel doctor --attack`: prints what came of each attack as it ends, and writes the report. */
import { accessSync, constants, writeFileSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { programVersion } from '../app/places.ts';
import type { AttackReport } from '../attack/report.ts';
import type { Row } from '../attack/run.ts';
import { CarrelError } from '../base/errors.ts';

/** It could not be run: neither contained nor not. */
const UNKNOWN = 2;
const WIDTH = 160;

export interface AttackOptions {
  /** `true`: the site's default. */
  readonly attack: string | true | undefined;
  /** Options that were given and have no meaning here. */
  readonly others: readonly string[];
  readonly report: readonly string[];
  readonly json: boolean;
  readonly env?: string;
}

/** Sets the exit status: 0 contained, 1 not contained, 2 could not be run. */
export async function attackSandboxes({ attack, others, report: files, json, env }: AttackOptions): Promise<void> {
  const [{ attackInstallation }, { endText, rowText }] = await Promise.all([
    import('../attack/attack.ts'),
    import('../attack/progress.ts'),
  ]);
  const end = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      process.stderr.write(
        'carrel: this ends after the attack that runs, and removes its sandboxes; once more ends at once\n',
      );
      end.abort();
    });
  const options = {
    colour: process.stdout.isTTY === true && !process.env['NO_COLOR'],
    width: Math.min(process.stdout.columns ?? WIDTH, WIDTH),
  };
  let before: Row | undefined;
  const told = (row: Row) => {
    if (!json) process.stdout.write(`${rowText(row, before, options)}\n`);
    before = row;
  };
  try {
    if (attack === undefined)
      throw new CarrelError('bad_request', 'expected --attack beside --report, got --report alone');
    if (others.length > 0)
      throw new CarrelError('bad_request', `expected --attack without ${others.join(' and ')}, got both`);
    for (const file of files) checkFile(file);
    const report = await attackInstallation({
      ...{ environment: process.env, program: programVersion(), signal: end.signal, told },
      ...(attack === true ? {} : { policy: attack }),
      ...(env === undefined ? {} : { file: env }),
    });
    for (const file of files) writeFileSync(file, await textOf(report, file));
    process.stdout.write(`${json ? JSON.stringify(report, null, 2) : endText(report, files)}\n`);
    process.exitCode = report.status;
  } catch (error) {
    if (!(error instanceof CarrelError)) throw error;
    process.stderr.write(`carrel: ${error.message}\n`);
    process.exitCode = UNKNOWN;
  }
}

/** Before anything is run, so that no result is lost. */
function checkFile(file: string): void {
  if (!['.html', '.md'].includes(extname(file)))
    throw new CarrelError('bad_request', `expected a report that ends in .html or .md, got ${file}`);
  try {
    accessSync(dirname(resolve(file)), constants.W_OK);
  } catch {
    throw new CarrelError('bad_request', `expected a folder in which the report ${file} can be written`);
  }
}

async function textOf(report: AttackReport, file: string): Promise<string> {
  if (extname(file) === '.md') return (await import('../attack/report-markdown.ts')).markdownReport(report);
  return (await import('../attack/report-html.ts')).htmlReport(report);
}
