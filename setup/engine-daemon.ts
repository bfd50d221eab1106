/** Starting the distribution's engine: by systemd where that runs the system, otherwise the daemon itself, by hand. */
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { type Note, run } from './steps.mjs';

export const DAEMON = '/usr/sbin/dockerd';
const LOG = '/var/log/carrel-dockerd.log';
const LOG_LINES = 8;

export interface StartedDaemon {
  /** Why it has ended, if it has. */
  failure(): string | undefined;
  /** Where to look when it does not answer. */
  readonly advice: string;
}

/** Returns at once; the daemon needs a moment to answer. It outlives us. */
export async function startDaemon(note: Note): Promise<StartedDaemon> {
  if (existsSync('/run/systemd/system')) {
    await run('systemctl', ['start', 'docker'], { note });
    return { failure: () => undefined, advice: 'Look into: journalctl -u docker' };
  }
  const log = openSync(LOG, 'a');
  const child = spawn(DAEMON, [], { detached: true, stdio: ['ignore', log, log] });
  let ended: string | undefined;
  child.once('error', (error) => {
    ended = `${DAEMON} could not be run: ${error.message}`;
  });
  child.once('exit', (code, signal) => {
    const tail = readFileSync(LOG, 'utf8').trimEnd().split('\n').slice(-LOG_LINES).join('\n');
    ended = `${DAEMON} ended with ${signal ?? `status ${code}`}; the end of ${LOG}:\n${tail}`;
  });
  child.unref();
  note(`log: ${LOG}`);
  return { failure: () => ended, advice: `Look into: ${LOG}` };
}
