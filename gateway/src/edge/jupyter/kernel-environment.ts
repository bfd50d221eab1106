/**
 * Which variables of a client reach the kernel's process. Servers in front send their whole environment, secrets included
 * (jupyter_server 1.23), so that only names meant for kernels pass; they never reach the container's specification.
 */
import { CarrelError } from '../../base/errors.ts';

const NAME = /^KERNEL_[A-Z0-9_]{1,120}$/;
const MOST_NAMES = 64;
const MOST_BYTES = 64 * 1024;

/** Keeps the `KERNEL_…` variables. Throws `bad_request` where there are too many, too long or unusable ones. */
export function kernelEnvironment(env: Readonly<Record<string, unknown>>): Record<string, string> {
  const kept: Record<string, string> = {};
  let [names, bytes] = [0, 0];
  for (const [name, value] of Object.entries(env)) {
    if (!NAME.test(name)) continue;
    if (typeof value !== 'string' || value.includes('\0'))
      throw new CarrelError('bad_request', `expected env.${name} to be a string without NUL, got ${typeof value}`);
    names += 1;
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
    kept[name] = value;
  }
  if (names > MOST_NAMES)
    throw new CarrelError('bad_request', `expected at most ${MOST_NAMES} KERNEL_ variables in env, got ${names}`);
  if (bytes > MOST_BYTES)
    throw new CarrelError(
      'bad_request',
      `expected at most ${MOST_BYTES} bytes of KERNEL_ variables in env, got ${bytes}`,
    );
  return kept;
}
