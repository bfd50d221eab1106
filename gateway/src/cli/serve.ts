/** `carrel serve`: everything, kept running; what `npm start` runs in the end. */
import { Command } from 'commander';
import { runSupervisor } from '../app/supervisor.ts';
import { readSettings } from '../config/settings.ts';

export const serveCommand = (): Command =>
  new Command('serve')
    .description('run warden and gateway, and keep them running')
    .action(() => runSupervisor(readSettings(process.env)));
