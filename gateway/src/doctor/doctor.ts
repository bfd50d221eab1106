/** All of it at once: look, judge, answer lines as data. `carrel doctor` prints them; the report of the attacks carries them. */

import { stackEnvironment } from './gather/env-file.ts';
import { gatherFacts } from './gather/gather.ts';
import { type DoctorReport, doctorReport } from './json.ts';
import { chosen, type Result, runChecks } from './run.ts';

export interface DoctorRequest {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The `.env` of a Compose stack, in the place of the environment's settings. */
  readonly file?: string;
  /** Checks or families; all where it is empty. */
  readonly only?: readonly string[];
  /** Version of Carrel. */
  readonly program: string;
}

/** Changes nothing, and never throws for what it finds; `bad_request` for a name in `only`, or a file, that is not there. */
export async function examine(request: DoctorRequest): Promise<Result & { readonly report: DoctorReport }> {
  const { environment, file, only = [], program } = request;
  chosen(only);
  const facts = await gatherFacts(file === undefined ? environment : stackEnvironment(file, program), {
    stack: file !== undefined,
  });
  const result = runChecks(facts, only);
  return { ...result, report: doctorReport(result, facts.at, program) };
}
