/**
 * Long work told as steps: a line when it begins, one every ten seconds while it goes on, one when it is done. What takes less
 * than a third of a second says nothing. Plain JavaScript, since it also runs before the dependencies are there.
 */
import { spawn } from 'node:child_process';

const QUIET_MS = 300;
const HEARTBEAT_MS = 10_000;

/** @typedef {(text: string) => void} Note keeps a text for the next line of progress */

/** A failure that a person can mend; its message is all that is shown of it. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
}

/** @param {number} since */
const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;
/** @param {string} line */
const print = (line) => process.stdout.write(`${line}\n`);

/**
 * Runs `work` and answers what it answers.
 * @template T
 * @param {string} title
 * @param {(note: Note) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const begun = Date.now();
  let told = false;
  let detail = '';
  const tellStart = () => {
    if (!told) print(`  … ${title}`);
    told = true;
  };
  const quiet = setTimeout(tellStart, QUIET_MS);
  const heartbeat = setInterval(() => print(`    ${seconds(begun)} ${detail}`.slice(0, 160).trimEnd()), HEARTBEAT_MS);
  try {
    const result = await work((text) => {
      detail = text.trim() || detail;
    });
    if (told) print(`  ✓ ${title} (${seconds(begun)})`);
    return result;
  } catch (error) {
    tellStart();
    print(`  ✗ ${title} (${seconds(begun)})`);
    throw error;
  } finally {
    clearTimeout(quiet);
    clearInterval(heartbeat);
  }
}

/**
 * Runs a program without a terminal and answers its standard output. `note` receives every line that it prints. A failure
 * carries the end of what it printed.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ note?: Note, env?: NodeJS.ProcessEnv, cwd?: string, anyStatus?: boolean, tail?: number }} [options]
 *   `anyStatus`: only a program that a signal ended has failed; `tail`: lines kept for the message of a failure
 * @returns {Promise<string>}
 */
export function run(
  program,
  args,
  { note = () => {}, env = process.env, cwd, anyStatus = false, tail: kept = 20 } = {},
) {
  const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  /** @type {string[]} */
  const tail = [];
  /** @param {import('node:stream').Readable} stream */
  const read = (stream) => {
    let rest = '';
    /** @param {string} line */
    const take = (line) => {
      if (line.trim() === '') return;
      tail.push(line);
      if (tail.length > kept) tail.shift();
      note(line);
    };
    stream.setEncoding('utf8').on('data', (chunk) => {
      if (stream === child.stdout) stdout += chunk;
      const lines = (rest + chunk).split(/\r?\n|\r/);
      rest = lines.pop() ?? '';
      lines.forEach(take);
    });
    stream.on('end', () => take(rest));
  };
  read(child.stdout);
  read(child.stderr);
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new SetupError(`${program} could not be run: ${error.message}`)));
    child.once('close', (code, signal) => {
      if (code === 0 || (anyStatus && code !== null)) resolve(stdout);
      else
        reject(
          new SetupError(
            `${[program, ...args].join(' ')} ended with ${signal ?? `status ${code}`}:\n${tail.join('\n')}`,
          ),
        );
    });
  });
}

const knownNames = new Set(['SetupError', 'CarrelError']);

/** Prints what a person can mend without a stack trace, and sets the exit status. */
export function reportFailure(/** @type {unknown} */ error) {
  const told = error instanceof Error ? (knownNames.has(error.name) ? error.message : error.stack) : String(error);
  process.stderr.write(`\n${told}\n`);
  process.exitCode = 1;
}
