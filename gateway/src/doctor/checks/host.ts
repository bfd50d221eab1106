/** What the host has to give: storage, space, descriptors, processes, time. */
import { formatDuration, formatSize } from '../../config/quantities.ts';
import { type Family, failed, type Outcome, passed, unknown, warning } from '../check.ts';
import { type DiskFacts, type Facts, isSeen } from '../facts.ts';
import { sysctl } from './kernel.ts';
import { ofEngine, seen } from './looking.ts';

const GIB = 2 ** 30;
/** Shares of a disk below which something is said. */
const LOW = 0.1;
const EMPTY = 0.03;
/** Milliseconds: more confuses logs and sign-in links; much more breaks TLS and tokens. */
const CLOCK_WARNS = 2000;
const CLOCK_FAILS = 60_000;
/** What one open worksheet takes of gateway and warden: the engine's stream, the warden's, sockets of pages. */
const DESCRIPTORS_EACH = 12;
const DESCRIPTORS_BESIDE = 1024;
const GOOD_DRIVERS = ['overlay2', 'overlayfs', 'fuse-overlayfs', 'btrfs', 'zfs', 'stargz'];

const sandboxes = ({ policies }: Facts): number =>
  isSeen(policies) && policies.site !== undefined ? policies.site.share.sandboxes : 200;

const mapped = ({ engine }: Facts): boolean => isSeen(engine) && (engine.rootless || engine.usernsRemap);

export function judgeDisk(disk: DiskFacts): Outcome {
  const [free, inodes] = [disk.free / disk.size, disk.inodes === 0 ? 1 : disk.freeInodes / disk.inodes];
  const share = (part: number) => `${Math.floor(part * 100)} %`;
  const shown = `${formatSize(disk.free)} of ${formatSize(disk.size)} free (${share(free)})${disk.inodes === 0 ? '' : `, ${share(inodes)} of the inodes`}, ${disk.type}, ${disk.path}`;
  const least = Math.min(free, inodes);
  if (least < EMPTY || disk.free < GIB / 4) return failed(shown);
  return least < LOW || disk.free < 2 * GIB ? warning(shown) : passed(shown);
}

export const host: Family = {
  id: 'host',
  title: 'Host',
  checks: [
    {
      id: 'storage-driver',
      title: 'storage driver',
      why: 'Others copy whole layers for each sandbox, or are given up by the engine.',
      expected: `the engine stores layers by one of ${GOOD_DRIVERS.join(', ')}`,
      mend: 'set "storage-driver": "overlay2" in /etc/docker/daemon.json, restart docker, and build or load the images again',
      look: ofEngine(({ storage: { driver, status } }) => {
        const below = status['Backing Filesystem'];
        const shown = below === undefined ? driver : `${driver} on ${below}`;
        if (status['Supports d_type'] === 'false')
          return failed(`${shown} without d_type`, 'mkfs.xfs -n ftype=1, and move /var/lib/docker there');
        return GOOD_DRIVERS.includes(driver) ? passed(shown) : warning(shown);
      }),
    },
    {
      id: 'storage-quota',
      title: 'bound of the engine’s disk',
      why: 'Sandboxes write to memory alone, but images, logs and other containers can fill the disk on which Carrel keeps worksheets.',
      expected: 'the engine’s folder has project quotas, or a file system of its own',
      mend: 'docs/admin/hardening.md#disks-and-quotas: give /var/lib/docker a disk of its own, or xfs mounted with prjquota',
      look: ({ host: { engineDisk } }) =>
        seen(engineDisk, ({ quota, own, type }) => {
          if (quota) return passed(`${type} with project quotas`);
          return own
            ? passed(`${type}, a file system of its own`)
            : warning(`${type}, shared with the system or with Carrel’s data, without quotas`);
        }),
    },
    {
      id: 'disk-data',
      title: 'space for Carrel’s data',
      why: 'When it is full nothing can be stored: worksheets refuse every change.',
      expected: 'a tenth of space and inodes, and 2 GiB, are free, on a file system that survives a restart',
      mend: 'make room, or move CARREL_DATA to a larger disk',
      look: ({ host: { dataDisk } }) =>
        seen(dataDisk, (disk) =>
          disk.type === 'tmpfs' || disk.type === 'ramfs'
            ? failed(
                `${disk.path} is on ${disk.type}: everything is gone after a restart of the host`,
                'set CARREL_DATA to a folder on a disk',
              )
            : judgeDisk(disk),
        ),
    },
    {
      id: 'disk-engine',
      title: 'space for the engine',
      why: 'When it is full no sandbox can be made, and images cannot be upgraded.',
      expected: 'a tenth of space and inodes, and 2 GiB, are free in the engine’s folder',
      mend: 'docker system prune, or a larger disk for /var/lib/docker',
      look: ({ host: { engineDisk } }) => seen(engineDisk, judgeDisk),
    },
    {
      id: 'inotify',
      title: 'inotify instances and watches',
      why: 'Programs that watch files fail at once where these are used up; with mapped user ids all sandboxes share one count.',
      expected:
        'at least 128 instances and 8192 watches; two instances for each sandbox where the engine maps user ids',
      mend: `printf 'fs.inotify.max_user_instances = 8192\\nfs.inotify.max_user_watches = 524288\\n' >> /etc/sysctl.d/60-carrel.conf && sysctl --system`,
      look: (facts) => {
        const [instances, watches] = [
          sysctl(facts, 'fs.inotify.max_user_instances'),
          sysctl(facts, 'fs.inotify.max_user_watches'),
        ];
        if (instances === undefined || watches === undefined) return unknown('fs.inotify was not seen');
        const least = mapped(facts) ? Math.max(128, 2 * sandboxes(facts)) : 128;
        const shown = `${instances} instances, ${watches} watches for each user id`;
        return instances >= least && watches >= 8192 ? passed(shown) : warning(`${shown}; expected ${least} and 8192`);
      },
    },
    {
      id: 'open-files',
      title: 'open files',
      why: 'Each worksheet takes sockets of gateway and warden; beyond the limit nobody can connect.',
      expected: 'the limit of open files allows 12 for each sandbox and 1024 beside',
      mend: 'LimitNOFILE=65536 in the unit of Carrel, "ulimits" in compose, or ulimit -n 65536 before the start',
      look: (facts) =>
        seen(facts.self.openFiles, (limit) => {
          const least = sandboxes(facts) * DESCRIPTORS_EACH + DESCRIPTORS_BESIDE;
          const most = sysctl(facts, 'fs.file-max');
          if (most !== undefined && most < 2 * least)
            return warning(
              `${most} for the whole host`,
              `echo 'fs.file-max = 2097152' >> /etc/sysctl.d/60-carrel.conf && sysctl --system`,
            );
          return limit >= least
            ? passed(`${limit} for a process`)
            : warning(`${limit} for a process; expected ${least}`);
        }),
    },
    {
      id: 'processes',
      title: 'processes of the host',
      why: 'A sandbox may have as many processes as its policy says; the host must be able to count them all.',
      expected: 'pid_max and threads-max allow all sandboxes their pids',
      mend: `printf 'kernel.pid_max = 4194304\\nkernel.threads-max = 1000000\\n' >> /etc/sysctl.d/60-carrel.conf && sysctl --system`,
      look: (facts) => {
        const { policies } = facts;
        if (!isSeen(policies) || policies.site === undefined) return unknown('the policies cannot be read');
        const most = Math.max(0, ...policies.policies.map(({ pids }) => pids));
        const needed = most * policies.site.share.sandboxes;
        const [pids, threads] = [sysctl(facts, 'kernel.pid_max'), sysctl(facts, 'kernel.threads-max')];
        if (pids === undefined || threads === undefined) return unknown('kernel.pid_max was not seen');
        const least = Math.min(pids, threads);
        return least >= needed
          ? passed(`${least}; all sandboxes together may have ${needed}`)
          : warning(`${least}, and ${policies.site.share.sandboxes} sandboxes of ${most} may have ${needed}`);
      },
    },
    {
      id: 'clock',
      title: 'clock',
      why: 'Sign-in links, certificates, tokens and the audit log are worth what the clock is.',
      expected: 'a service sets the clock, and the clocks of engine and database agree with it within 2 s',
      mend: 'apt-get install systemd-timesyncd && timedatectl set-ntp true (or chrony)',
      look: ({ host: { clock }, schema }) => {
        const ahead: [string, number][] = [];
        if (isSeen(clock.engineAhead)) ahead.push(['the engine', clock.engineAhead]);
        if (isSeen(schema) && schema.ahead !== undefined) ahead.push(['the database', schema.ahead]);
        const [worst] = ahead.toSorted(([, a], [, b]) => Math.abs(b) - Math.abs(a));
        if (worst !== undefined && Math.abs(worst[1]) >= CLOCK_WARNS) {
          const [whose, ms] = worst;
          const shown = `the clock of ${whose} is ${formatDuration(Math.abs(ms))} ${ms > 0 ? 'ahead of' : 'behind'} this one`;
          return Math.abs(ms) >= CLOCK_FAILS ? failed(shown) : warning(shown);
        }
        return seen(clock.synchronised, ({ yes, by }) =>
          yes ? passed(`set by ${by}`) : warning(`not synchronised (${by})`),
        );
      },
    },
  ],
};
