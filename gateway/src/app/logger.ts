/** Where the processes log: lines of JSON on stderr, or a file in the data folder where stderr is a terminal that a person reads. */
import { join } from 'node:path';
import { pino } from 'pino';
import type { Logger } from '../base/ports.ts';
import type { Settings } from '../config/settings.ts';

export const logFile = (settings: Settings): string | undefined =>
  process.stderr.isTTY === true ? join(settings.dataFolder, 'carrel.log') : undefined;

export function createLogger(settings: Settings, part: 'gateway' | 'warden'): Logger {
  const destination = pino.destination({ dest: logFile(settings) ?? 2, mkdir: true, sync: true });
  return pino({ level: settings.logLevel, base: { part } }, destination);
}
