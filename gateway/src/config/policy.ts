/**
 * The policy: everything that may be chosen for a sandbox, by the people who run the installation and nobody else. One YAML
 * file in `policies/` per named policy; this schema is also the source of the JSON Schema for editors.
 *
 * A message given here completes "expected …, got …".
 */
import { z } from 'zod';
import type { PolicyName } from '../base/ids.ts';
import { SIZE_EXPECTED } from './quantities.ts';
import { byteSize, duration } from './quantity-schemas.ts';

const count = (min: number, max: number) => z.int().min(min).max(max);
const name = z.string().regex(/^[A-Za-z0-9][\w.-]{0,63}$/, 'a name of letters, digits, ".", "_", "-"');
const tmpfs = z.strictObject({
  size: byteSize.describe('bound of the content, counted against the memory limit'),
  inodes: count(16, 1_000_000).describe('bound of the number of files and folders'),
});

export const policySchema = z.strictObject({
  description: z.string().max(200).describe('one line for the people who choose'),
  title: z.string().max(40).describe('shown in launchers behind the kernel, "Python 3 (TITLE)"'),
  image: z
    .string()
    .min(1)
    .max(255)
    .describe('name of a local image, or "carrel-kernel" for the one that Carrel builds'),
  kernel: name.describe('kernelspec that is prepared ahead and started by default'),
  kernels: z.array(name).min(1).describe('kernelspecs of the image that may be started'),
  memory: byteSize.describe('memory and swap together: there is no swap'),
  cpus: z.number().min(0.05).max(256).describe('processors, as a quota'),
  pids: count(16, 4096).describe('processes and threads'),
  openFiles: count(64, 65_536).describe('file descriptors of one process'),
  fileSize: byteSize.describe('largest file that may be written'),
  tmp: tmpfs.describe('/tmp'),
  home: tmpfs.describe('the home folder, where a worksheet starts'),
  shm: tmpfs.describe('/dev/shm'),
  files: z.strictObject({
    size: byteSize.describe('bytes of files that are kept with a worksheet; they are put back into the home folder'),
    count: count(0, 100_000).describe('number of files that are kept with a worksheet; 0 keeps none'),
  }),
  runtime: name.describe('OCI runtime of the engine: runc, runsc, …'),
  seccomp: name.describe('profile in policies/seccomp/, without .json'),
  idle: duration.describe('a sandbox whose kernel does nothing and has no request is ended after this time'),
  life: duration.describe('longest life of a sandbox'),
  cell: duration.describe('longest run of one cell; it is interrupted then'),
  output: z.strictObject({
    perCell: byteSize.describe('bytes of output kept of one cell; what is beyond is cut and said'),
    rate: byteSize.describe('bytes a second that a sandbox may send; faster output waits'),
  }),
  pool: z.strictObject({
    min: count(0, 1000).describe('sandboxes kept ready at all times'),
    max: count(0, 1000).describe('sandboxes kept ready while many are asked for'),
    refillAt: count(0, 1000).describe('the pool is filled up again when no more than this many are ready'),
  }),
  audit: z
    .strictObject({ code: z.boolean().describe('whether the code of every cell that is run is in the audit log') })
    .optional()
    .describe('what of the work itself the audit log holds; without it nothing'),
  preload: z
    .array(z.string().regex(/^[A-Za-z_][\w.]*$/, 'the name of a Python module'))
    .describe('modules imported before the fork'),
  environment: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'the name of a variable'), z.string().max(4096))
    .describe('variables of the kernel’s process'),
  allow: z
    .strictObject({
      everyone: z.boolean(),
      users: z.array(z.string().min(1).max(64)),
      roles: z.array(z.enum(['admin', 'instructor', 'member'])),
    })
    .partial()
    .describe('who may choose it: nobody, unless listed'),
});

/** Sizes in bytes, durations in milliseconds. */
export type PolicyFields = z.output<typeof policySchema>;
export type Policy = PolicyFields & { readonly name: PolicyName };

const SHARE_EXPECTED = `${SIZE_EXPECTED}, or a percentage such as "75%"`;

export const siteSchema = z.strictObject({
  default: name.describe('policy of a kernel that names none'),
  share: z.strictObject({
    memory: z
      .union([byteSize, z.string().regex(/^(100|[1-9]\d?)%$/, SHARE_EXPECTED)], { error: () => SHARE_EXPECTED })
      .describe('of the host’s memory, for all sandboxes together: bytes, or a percentage'),
    sandboxes: count(1, 100_000).describe('sandboxes at the same time'),
  }),
  ceiling: z
    .strictObject({
      memory: byteSize,
      cpus: z.number().min(0.05).max(256),
      pids: count(16, 4096),
      openFiles: count(64, 65_536),
      life: duration,
      cell: duration,
      perCell: byteSize,
      files: byteSize,
      pool: count(0, 1000),
    })
    .describe('no policy may exceed any of these'),
  uids: z
    .strictObject({ first: count(1000, 4_000_000_000), count: count(16, 10_000_000) })
    .describe('user ids for sandboxes; the host must use them for nothing else'),
  perPerson: count(1, 10_000).describe('sandboxes of one person at the same time'),
});

export type Site = z.output<typeof siteSchema>;

/** Bytes of a host with `hostMemory` bytes that all sandboxes together may have. */
export function memoryShare(site: Site, hostMemory: number): number {
  const share = site.share.memory;
  return typeof share === 'number' ? share : Math.floor((hostMemory * Number.parseInt(share, 10)) / 100);
}
