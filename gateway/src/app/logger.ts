/** The log of the processes: lines of JSON, in a file of the data folder or on standard error, as the settings say. */
import { pino } from 'pino';
import type { Logger } from '../base/ports.ts';
import type { Settings } from '../config/settings.ts';

export function createLogger(settings: Settings, part: 'gateway' | 'warden'): Logger {
  const destination = pino.destination({ dest: settings.logFile ?? 2, mkdir: true, sync: true, mode: 0o640 });
  return pino({ level: settings.logLevel, base: { part } }, destination);
}
