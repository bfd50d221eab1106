/** `carrel warden`: the process with the engine's socket alone, for those who run it under their own supervisor. */
import { Command } from 'commander';
import { runWarden } from '../app/warden-process.ts';
import { readSettings } from '../config/settings.ts';

export const wardenCommand = (): Command =>
  new Command('warden')
    .description('run the process that makes and ends sandboxes alone')
    .action(() => runWarden(readSettings(process.env)));
