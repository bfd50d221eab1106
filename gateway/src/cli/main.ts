/** The program `carrel`. Failures that people can mend are told in their own words, on stderr, with exit status 1. */
import { Command, CommanderError } from 'commander';
import { programVersion } from '../app/places.ts';
import { isSupervised, tellSupervisor } from '../app/supervised.ts';
import { CarrelError } from '../base/errors.ts';
import { settingsHelp } from '../config/settings.ts';
import { gatewayCommand } from './gateway.ts';
import { serveCommand } from './serve.ts';
import { wardenCommand } from './warden.ts';

/** sysexits.h EX_CONFIG: starting again will not help; the supervisor does not try. */
const MISCONFIGURED = 78;

endWithSupervisor();
const program = new Command('carrel')
  .description('Notebooks whose every kernel runs in a sandbox of its own.')
  .version(programVersion())
  .addCommand(serveCommand())
  .addCommand(gatewayCommand())
  .addCommand(wardenCommand())
  .addHelpText('after', `\nSettings, from the environment (name, default, meaning):\n${settingsHelp()}`);

/** What runs for weeks loads nothing that only the other commands need. */
if (!['serve', 'gateway', 'warden'].includes(process.argv[2] ?? '')) {
  const commands = await Promise.all([
    import('./user.ts').then(({ userCommand }) => userCommand()),
    import('./policy.ts').then(({ policyCommand }) => policyCommand()),
    import('./doctor.ts').then(({ doctorCommand }) => doctorCommand()),
    import('./bundle.ts').then(({ bundleCommand }) => bundleCommand()),
    import('./bill.ts').then(({ billCommand }) => billCommand()),
    import('./first-start.ts').then(({ firstStartCommand }) => firstStartCommand()),
  ]);
  for (const command of commands) program.addCommand(command);
}

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
