/** A small policy for tests that make containers. */
import { isPolicyName, type PolicyName } from '../../gateway/src/base/ids.ts';
import { type Policy, policySchema } from '../../gateway/src/config/policy.ts';

const NAME = 'sample';

export function samplePolicy(changes: Partial<Policy> = {}): Policy {
  if (!isPolicyName(NAME)) throw new Error(`${NAME} is no policy name`);
  const name: PolicyName = NAME;
  const fields = policySchema.parse({
    title: 'sample',
    description: 'for tests',
    image: 'debian:trixie-slim',
    kernel: 'python3',
    kernels: ['python3'],
    memory: '64 MiB',
    cpus: 1,
    pids: 64,
    openFiles: 256,
    fileSize: '16 MiB',
    tmp: { size: '4 MiB', inodes: 512 },
    home: { size: '4 MiB', inodes: 256 },
    shm: { size: '2 MiB', inodes: 128 },
    files: { size: '4 MiB', count: 100 },
    runtime: 'runc',
    seccomp: 'worksheet',
    idle: '10 min',
    life: '1 h',
    cell: '5 min',
    output: { perCell: '1 MiB', rate: '10 MiB' },
    pool: { min: 0, refillAt: 0, max: 0 },
    preload: [],
    environment: {},
    allow: { everyone: true },
  });
  return { ...fields, name, ...changes };
}
