/** Space, inodes and kind of the file systems that Carrel and the engine write to. */
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type DiskFacts, type HostFacts, isSeen, type Seen, unseen } from '../facts.ts';
import { text, why } from './files.ts';

/** statfs(2): the kinds that people run this on. */
const TYPES: Readonly<Record<number, string>> = {
  61267: 'ext4',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  801189825: 'zfs',
  16914836: 'tmpfs',
  2240043254: 'ramfs',
  2035054128: 'overlay',
  26985: 'nfs',
  4266872130: 'cifs',
};

/** Of the folder, or of the nearest one above it that is there. */
export async function diskFacts(folder: string): Promise<Seen<DiskFacts>> {
  try {
    const { type, bsize, blocks, bavail, files, ffree } = await statfs(folder);
    return {
      path: folder,
      type: TYPES[type] ?? `0x${type.toString(16)}`,
      size: blocks * bsize,
      free: bavail * bsize,
      inodes: files,
      freeInodes: ffree,
    };
  } catch (error) {
    const above = dirname(folder);
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && above !== folder) return await diskFacts(above);
    return unseen(why(folder, error));
  }
}

/** `root` is the engine's folder; it must be on this host. */
export async function engineDisk(root: string, dataFolder: string): Promise<HostFacts['engineDisk']> {
  const [disk, mounts] = await Promise.all([diskFacts(root), text('/proc/self/mounts')]);
  if (!isSeen(disk)) return disk;
  if (disk.path !== root) return unseen(`no such folder here: ${root}`);
  if (!isSeen(mounts)) return mounts;
  const at = (path: string) => mountOf(mounts, resolve(path));
  const mount = at(root);
  if (mount === undefined) return unseen(`no mount holds ${root}`);
  const own = mount.point !== at('/')?.point && mount.point !== at(dataFolder)?.point;
  return { ...disk, own, quota: /(^|,)(prjquota|pquota)(,|$)/.test(mount.options) };
}

interface Mount {
  readonly point: string;
  readonly type: string;
  readonly options: string;
}

/** The mount of /proc/self/mounts that holds the path: the longest one above it, the last of those that are equal. */
export function mountOf(content: string, path: string): Mount | undefined {
  let found: Mount | undefined;
  for (const line of content.split('\n')) {
    const [, point = '', type = '', options = ''] = line.split(' ').map(unescaped);
    const holds = point === '/' || path === point || path.startsWith(`${point}/`);
    if (point !== '' && holds && point.length >= (found?.point.length ?? 0)) found = { point, type, options };
  }
  return found;
}

const unescaped = (word: string): string =>
  word.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));
