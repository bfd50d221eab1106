/** `carrel warden`: the process with the engine's socket alone, for those who run it under their own supervisor. */
import { Command, Option } from 'commander';
import { SUPERVISED } from '../app/supervised.ts';
import { readSettings } from '../config/settings.ts';

export const wardenCommand = (): Command =>
  new Command('warden')
    .description('run the process that makes and ends sandboxes alone')
    .addOption(new Option(SUPERVISED, 'what is to be told is told to the process that has started it').hideHelp())
    .action(async () => {
      const settings = readSettings(process.env);
      /** Only this command loads the engine's client. */
      const { runWarden } = await import('../app/warden-process.ts');
      await runWarden(settings);
    });
