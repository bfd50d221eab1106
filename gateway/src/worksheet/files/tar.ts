/** The files of a tar archive. Links, folders and names of more than 255 bytes are passed over. Pure. */
import { CarrelError } from '../../base/errors.ts';

const BLOCK = 512;

export interface TarFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Throws `bad_request` where `tar` is none, or ends within a file. */
export function filesOfTar(tar: Uint8Array): TarFile[] {
  const files: TarFile[] = [];
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0; ) {
    const text = (from: number, length: number): string =>
      new TextDecoder().decode(tar.subarray(at + from, at + from + length)).replace(/\0[\s\S]*$/, '');
    const size = octal(text(124, 12));
    const start = at + BLOCK;
    if (octal(text(148, 8)) !== checksum(tar.subarray(at, start)) || start + size > tar.length)
      throw new CarrelError('bad_request', `the archive is damaged at byte ${at} of its ${tar.length}`);
    const kind = text(156, 1);
    const prefix = text(257, 5) === 'ustar' ? text(345, 155) : '';
    if (kind === '' || kind === '0')
      files.push({
        path: `${prefix === '' ? '' : `${prefix}/`}${text(0, 100)}`,
        bytes: tar.subarray(start, start + size),
      });
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

const octal = (text: string): number => (/^[0-7 ]*$/.test(text) ? Number.parseInt(text.trim() || '0', 8) : Number.NaN);

/** Of a header: the sum of its bytes, with blanks in the place of the sum itself. */
function checksum(header: Uint8Array): number {
  return header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 0x20 : byte), 0);
}
