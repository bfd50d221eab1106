/** What the system said of a file, for people; undefined for other errors. The file stands in the answer as the system names it. */
export function fileTrouble(error: unknown): string | undefined {
  const { code = '', path, syscall = '' } = (error ?? {}) as NodeJS.ErrnoException;
  const reason = REASONS[code];
  if (reason === undefined || path === undefined) return undefined;
  return `cannot ${READS.has(syscall) ? 'read' : (WRITES[syscall] ?? 'open')} ${path}: ${reason}`;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'what should be a folder on the way is a file',
  EISDIR: 'it is a folder',
  EACCES: 'this account may not',
  EPERM: 'this account may not',
  EROFS: 'it lies on a file system that is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this account is used up',
  EMFILE: 'too many files are open',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
};
const READS: ReadonlySet<string> = new Set(['read', 'readlink', 'scandir', 'stat', 'lstat']);
const WRITES: Readonly<Record<string, string>> = {
  write: 'write',
  mkdir: 'make',
  rename: 'rename',
  unlink: 'remove',
  rm: 'remove',
  rmdir: 'remove',
};
