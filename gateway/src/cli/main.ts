/** The program `carrel`. Failures that people can mend are told in their own words, on stderr, with exit status 1. */
import { CommanderError } from 'commander';
import { isSupervised, tellSupervisor } from '../app/supervised.ts';
import { CarrelError } from '../base/errors.ts';
import { fileTrouble } from './file-trouble.ts';
import { carrelProgram } from './program.ts';

/** sysexits.h EX_CONFIG: starting again will not help; the supervisor does not try. */
const MISCONFIGURED = 78;

endWithSupervisor();
const program = await carrelProgram(process.argv[2]);

try {
  await program.exitOverride().parseAsync();
} catch (error) {
  /** A part that failed halfway must not be kept alive by what it had begun. */
  process.exit(await report(error));
}

/**
 * A part must not outlive the supervisor that would restart it: the channel between them closes when the supervisor dies. The
 * channel itself keeps no part alive.
 */
function endWithSupervisor(): void {
  if (!process.connected) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel?.unref();
}

async function report(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode;
  const trouble = fileTrouble(error);
  if (trouble !== undefined && process.env['CARREL_LOG'] !== 'debug') {
    process.stderr.write(`carrel: ${trouble}\n`);
    return 1;
  }
  if (!(error instanceof CarrelError)) {
    const shown =
      error instanceof Error ? (process.env['CARREL_LOG'] === 'debug' ? error.stack : error.message) : error;
    process.stderr.write(`carrel: an unexpected failure: ${shown} (CARREL_LOG=debug shows where)\n`);
    return 1;
  }
  const misconfigured = error.code === 'invalid_settings' || error.code === 'invalid_policy';
  /** Both parts may say the same; the supervisor says it once. */
  if (misconfigured && isSupervised()) await tellSupervisor({ type: 'failed', message: error.message });
  else process.stderr.write(`carrel: ${error.message}\n`);
  return misconfigured ? MISCONFIGURED : 1;
}
