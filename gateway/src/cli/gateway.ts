/** `carrel gateway`: the web-facing process alone, for those who run it under their own supervisor. */
import { Command } from 'commander';
import { runGateway } from '../app/gateway-process.ts';
import { readSettings } from '../config/settings.ts';

export const gatewayCommand = (): Command =>
  new Command('gateway')
    .description('run the web-facing process alone; it needs a warden on the same data folder')
    .action(() => runGateway(readSettings(process.env)));
