/** `carrel warden`: the process with the engine's socket alone, for those who run it under their own supervisor. */
import { Command } from 'commander';
import { readSettings } from '../config/settings.ts';

export const wardenCommand = (): Command =>
  new Command('warden').description('run the process that makes and ends sandboxes alone').action(async () => {
    const settings = readSettings(process.env);
    /** Only this command loads the engine's client. */
    const { runWarden } = await import('../app/warden-process.ts');
    await runWarden(settings);
  });
