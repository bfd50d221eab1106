/** `carrel doctor --attack`: looks at host and installation, makes the grounds, runs all attacks, answers the report. */
import { CarrelError } from '../base/errors.ts';
import { loadPolicies } from '../config/load-policies.ts';
import { readSettings } from '../config/settings.ts';
import { stackEnvironment } from '../doctor/gather/env-file.ts';
import { gatherFacts } from '../doctor/gather/gather.ts';
import { runChecks } from '../doctor/run.ts';
import { attacks } from './catalogue.ts';
import { Grounds } from './grounds.ts';
import { type AttackReport, attackReport } from './report.ts';
import { type Row, runAttacks, surfaceOf } from './run.ts';
import { SandboxStage } from './sandbox-stage.ts';
import { newMarks } from './source.ts';

/** The warden's container knows none. */
const NO_ADDRESS = 'its address is not set here (CARREL_PUBLIC_URL)';

export interface AttackRequest {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The `.env` of a Compose stack, in the place of the environment's settings. */
  readonly file?: string;
  /** The site's default where none is named. */
  readonly policy?: string;
  /** Version of Carrel. */
  readonly program: string;
  /** Ends the run; what was made is removed. */
  readonly signal: AbortSignal;
  /** Each attack that has ended. */
  readonly told: (row: Row) => void;
}

/** Throws CarrelError where no sandbox can be made; an attack that cannot be run is a row of its own. */
export async function attackInstallation(request: AttackRequest): Promise<AttackReport> {
  const { environment, file, program, signal, told } = request;
  const given = file === undefined ? environment : stackEnvironment(file, program);
  const settings = readSettings(given);
  const name = request.policy ?? loadPolicies(settings.policyFolder).site.default;
  const facts = await gatherFacts(given, { stack: file !== undefined });
  const doctor = runChecks(facts);
  const begun = Date.now();
  await using grounds = await Grounds.open(settings, name);
  const { policy, engine } = grounds;
  const rows: Row[] = [];
  const marks = newMarks();
  await using stage = new SandboxStage(grounds, marks);
  if ((await stage.run('print(1+1)')).tail.trim() !== '2')
    throw new CarrelError('sandbox_failed', `expected a sandbox of the policy ${name} to answer 1+1, it did not`);
  for await (const row of runAttacks(stage, { marks, surface: surfaceOf(policy.runtime), signal })) {
    rows.push(row);
    told(row);
  }
  return attackReport({
    ...{ program, begun, ended: Date.now(), policy, engine, facts, rows, planned: attacks.length },
    address: settings.publicUrl ?? (facts.self.container ? NO_ADDRESS : `http://${settings.bind}:${settings.port}`),
    doctor: { counts: doctor.counts, lines: doctor.lines },
  });
}
