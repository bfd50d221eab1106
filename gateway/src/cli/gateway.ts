/** `carrel gateway`: the web-facing process alone, for those who run it under their own supervisor. */
import { Command, Option } from 'commander';
import { SUPERVISED } from '../app/supervised.ts';
import { readSettings } from '../config/settings.ts';
import { refuseUnsafe } from '../doctor/checks/unsafe.ts';

export const gatewayCommand = (): Command =>
  new Command('gateway')
    .description('run the web-facing process alone; it needs a warden on the same data folder')
    .addOption(new Option(SUPERVISED, 'what is to be told is told to the process that has started it').hideHelp())
    .action(async () => {
      const settings = readSettings(process.env);
      refuseUnsafe(settings);
      const { runGateway } = await import('../app/gateway-process.ts');
      await runGateway(settings);
    });
