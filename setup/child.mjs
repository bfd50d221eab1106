/**
 * A child that stands in for this process: same terminal, same environment, its end is ours. It has a process group of its
 * own, so that Ctrl-C reaches it once, from us, also where npm passes the same signal on; and a channel, so that it learns
 * when we are killed.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { resolve } from 'node:path';

/** @type {NodeJS.Signals[]} */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** Node keeps what it made of our sources here; the program then starts in about half the time. */
const NODE_COMPILE_CACHE = resolve(import.meta.dirname, '../node_modules/.cache/node');
/** npm and the terminal may send the same signal; a person does not press Ctrl-C twice within this time. */
const REPETITION_MS = 1000;

/**
 * Answers the exit status, as a shell would count it (128 + number of the signal).
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {Promise<number>}
 */
export function runInPlace(program, args, cwd) {
  const child = spawn(program, args, {
    cwd,
    detached: true,
    env: { NODE_COMPILE_CACHE, ...process.env },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const last = new Map();
  /** @param {NodeJS.Signals} signal */
  const forward = (signal) => {
    if (Date.now() - (last.get(signal) ?? 0) < REPETITION_MS) return;
    last.set(signal, Date.now());
    child.kill(signal);
  };
  for (const signal of SIGNALS) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const name of SIGNALS) process.off(name, forward);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
