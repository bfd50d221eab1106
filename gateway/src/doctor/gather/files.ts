/** Small reads of files that may not be there, not be readable, or never end: each answers a fact, or why there is none. */
import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { type Seen, unseen } from '../facts.ts';

/** Bytes: no file that is read whole is larger. */
const LARGEST = 1024 * 1024;

/** The file's text, trimmed, at most its first MiB. */
export async function text(path: string): Promise<Seen<string>> {
  try {
    const file = await open(path, 'r');
    try {
      const buffer = Buffer.alloc(LARGEST);
      let length = 0;
      for (;;) {
        const { bytesRead } = await file.read(buffer, length, LARGEST - length);
        length += bytesRead;
        if (bytesRead === 0 || length === LARGEST) return buffer.toString('utf8', 0, length).trim();
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    return unseen(why(path, error));
  }
}

/** `no such file: /x`, `this user may not look: /x`. */
export function why(path: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return `no such file: ${path}`;
  if (code === 'EACCES' || code === 'EPERM') return `this user may not look: ${path}`;
  return `${path}: ${message}`;
}

/** What a program prints, or undefined where it is missing, fails or takes longer than 3 s. */
export function output(program: string, ...args: string[]): Promise<string | undefined> {
  return new Promise((done) => {
    execFile(program, args, { timeout: 3000, maxBuffer: LARGEST, env: { ...process.env, LC_ALL: 'C' } }, (error, out) =>
      done(error === null ? out.trim() : undefined),
    );
  });
}
