/** Space on the disk below a folder. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** Bytes that the files below the folder occupy on its own file system, as `du` counts them. */
export async function bytesBelow(folder: string): Promise<number> {
  const du = spawn('du', ['-sxk', folder], { stdio: ['ignore', 'pipe', 'ignore'] });
  return Number((await text(du.stdout)).split('\t')[0]) * 1024;
}
