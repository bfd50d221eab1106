/** The tree of commands of `carrel`, for `main.ts` and for the check that reads what documents say of them. */
import { Command } from 'commander';
import { programVersion } from '../app/places.ts';
import { settingsHelp } from '../config/settings.ts';
import { gatewayCommand } from './gateway.ts';
import { serveCommand } from './serve.ts';
import { wardenCommand } from './warden.ts';

/** What runs for weeks loads nothing that only the other commands need. */
const LONG = ['serve', 'gateway', 'warden'];

/** `first` is the word behind `carrel`. */
export async function carrelProgram(first?: string): Promise<Command> {
  const program = new Command('carrel')
    .description('Notebooks whose every kernel runs in a sandbox of its own.')
    .version(programVersion())
    .addCommand(serveCommand())
    .addCommand(gatewayCommand())
    .addCommand(wardenCommand())
    .addHelpText('after', `\nSettings, from the environment (name, default, meaning):\n${settingsHelp()}`);
  if (LONG.includes(first ?? '')) return program;
  const commands = await Promise.all([
    import('./user.ts').then(({ userCommand }) => userCommand()),
    import('./policy.ts').then(({ policyCommand }) => policyCommand()),
    import('./audit.ts').then(({ auditCommand }) => auditCommand()),
    import('./doctor.ts').then(({ doctorCommand }) => doctorCommand()),
    import('./bundle.ts').then(({ bundleCommand }) => bundleCommand()),
    import('./backup.ts').then(({ backupCommand }) => backupCommand()),
    import('./restore.ts').then(({ restoreCommand }) => restoreCommand()),
    import('./bill.ts').then(({ billCommand }) => billCommand()),
    import('./first-start.ts').then(({ firstStartCommand }) => firstStartCommand()),
  ]);
  for (const command of commands) program.addCommand(command);
  return program;
}
