/** `carrel serve`: everything, kept running; what `npm start` runs in the end. */
import { Command } from 'commander';
import { readSettings } from '../config/settings.ts';
import { refuseUnsafe } from '../doctor/checks/unsafe.ts';

export const serveCommand = (): Command =>
  new Command('serve').description('run warden and gateway, and keep them running').action(async () => {
    const settings = readSettings(process.env);
    refuseUnsafe(settings);
    const { runSupervisor } = await import('../app/supervisor.ts');
    await runSupervisor(settings);
  });
