/** Where things lie: in the program's folder, and in the data folder. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Settings } from '../config/settings.ts';

export const programFolder = resolve(import.meta.dirname, '../../..');
export const kernelspecFolder = join(programFolder, 'kernel-image/kernelspecs');
/** Written by the build of the pages (`setup/web-pages.ts`). */
export const webFolder = join(programFolder, 'gateway/web/dist');
/** Node keeps what it made of the sources here; a process then starts in half the time and with half the memory. */
export const compileCacheFolder = join(programFolder, 'node_modules/.cache/node');
export const mainFile = join(programFolder, 'gateway/src/cli/main.ts');

/** Of package.json. */
export function programVersion(): string {
  const { version } = JSON.parse(readFileSync(join(programFolder, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/** What people open; with a token it signs one browser in. */
export function signInAddress(settings: Settings, token?: string): string {
  const local = ['0.0.0.0', '::'].includes(settings.bind) ? '127.0.0.1' : settings.bind;
  const host = local.includes(':') ? `[${local}]` : local;
  const origin = settings.publicUrl ?? `http://${host}:${settings.port}`;
  return `${origin}${settings.base}/${token === undefined ? '' : `?token=${token}`}`;
}

/** Where a person sets a password by a link, once. */
export const inviteAddress = (settings: Settings, key: string): string => `${signInAddress(settings)}invite#${key}`;
