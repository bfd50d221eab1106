/** The log of the processes: lines of JSON, in a file of the data folder or on standard error, as the settings say. */
import { pino } from 'pino';
import type { Logger } from '../base/ports.ts';
import { requestId } from '../base/request-context.ts';
import type { Settings } from '../config/settings.ts';

export function createLogger(settings: Settings, part: 'gateway' | 'warden'): Logger {
  const destination = pino.destination({ dest: settings.logFile ?? 2, mkdir: true, sync: true, mode: 0o640 });
  return pino({ level: settings.logLevel, base: { part }, mixin: requestOf }, destination);
}

/** In every line that is written while a request is answered. */
function requestOf(): { request?: string } {
  const request = requestId();
  return request === undefined ? {} : { request };
}
