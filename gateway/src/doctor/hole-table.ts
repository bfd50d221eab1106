/**
 * Known holes of runc, containerd and the engine that a host of Carrel may have, with their sources. Left out are holes older than
 * the oldest engine that Carrel works with (20.10), those of containerd's CRI, which Docker does not use, and those by which somebody
 * who holds the engine's API already can make it crash.
 */

export type Component = 'runc' | 'containerd' | 'engine';

/**
 * Who could use it against Carrel. `sandbox`: the code of a worksheet. `image`: whoever makes an image that a policy names.
 * `unused`: only by what Carrel never does (copying files, plugins, swarm, BuildKit, checkpoints); other users of the engine may.
 */
export type Reach = 'sandbox' | 'image' | 'unused';

export interface Hole {
  readonly id: string;
  readonly component: Component;
  /** Each from the first affected version to the first that is not, as upstream numbers them. */
  readonly affected: readonly (readonly [from: string, before: string])[];
  /** Day on which it was published. */
  readonly published: string;
  readonly severity: 'low' | 'moderate' | 'high' | 'critical';
  readonly reach: Reach;
  readonly what: string;
  readonly source: string;
}

/** The day up to which the sources were read. */
export const TABLE_DATE = '2026-11-25';

const advisory = (project: string, id: string) => `https://github.com/${project}/security/advisories/${id}`;
const runc = (id: string) => advisory('opencontainers/runc', id);
const containerd = (id: string) => advisory('containerd/containerd', id);
const moby = (id: string) => advisory('moby/moby', id);

const RUNC: readonly Omit<Hole, 'component'>[] = [
  {
    id: 'CVE-2026-119101',
    affected: [
      ['0', '1.3.7'],
      ['1.4.0-rc.1', '1.4.4'],
      ['1.5.0-rc.1', '1.5.3'],
      ['1.6.0-rc.1', '1.6.0-rc.2'],
    ],
    published: '2026-11-12',
    severity: 'high',
    reach: 'unused',
    what: 'restoring a checkpoint of a hostile image mounts folders of the host, writable',
    source: 'https://github.com/opencontainers/runc/releases/tag/v1.5.3',
  },
  {
    id: 'CVE-2026-41579',
    affected: [
      ['0', '1.3.6'],
      ['1.4.0-rc.1', '1.4.3'],
      ['1.5.0-rc.1', '1.5.0-rc.3'],
    ],
    published: '2026-07-01',
    severity: 'low',
    reach: 'image',
    what: 'an image whose /dev is a link makes runc replace a few files of the host',
    source: runc('GHSA-xjvp-4fhw-gc47'),
  },
  {
    id: 'CVE-2025-31133',
    affected: [
      ['0', '1.2.8'],
      ['1.3.0-rc.1', '1.3.3'],
      ['1.4.0-rc.1', '1.4.0-rc.3'],
    ],
    published: '2025-11-05',
    severity: 'high',
    reach: 'image',
    what: 'a replaced /dev/null turns masked paths into writable files of /proc',
    source: runc('GHSA-9493-h29p-rfm2'),
  },
  {
    id: 'CVE-2025-52565',
    affected: [
      ['1.0.0-rc3', '1.2.8'],
      ['1.3.0-rc.1', '1.3.3'],
      ['1.4.0-rc.1', '1.4.0-rc.3'],
    ],
    published: '2025-11-05',
    severity: 'high',
    reach: 'image',
    what: 'a race around /dev/console gives a container writable files of /proc',
    source: runc('GHSA-qw9x-cqr3-wc7r'),
  },
  {
    id: 'CVE-2025-52881',
    affected: [
      ['0', '1.2.8'],
      ['1.3.0-rc.1', '1.3.3'],
      ['1.4.0-rc.1', '1.4.0-rc.3'],
    ],
    published: '2025-11-05',
    severity: 'high',
    reach: 'image',
    what: 'writes of runc to /proc are led elsewhere: around AppArmor and SELinux, and out of the container',
    source: runc('GHSA-cgrx-mc8f-2prm'),
  },
  {
    id: 'CVE-2024-45310',
    affected: [
      ['0', '1.1.14'],
      ['1.2.0-rc.1', '1.2.0-rc.3'],
    ],
    published: '2024-09-03',
    severity: 'low',
    reach: 'unused',
    what: 'two containers that share a volume make empty files on the host',
    source: runc('GHSA-jfvp-7x6p-h2pv'),
  },
  {
    id: 'CVE-2024-21626',
    affected: [['1.0.0-rc93', '1.1.12']],
    published: '2024-01-31',
    severity: 'high',
    reach: 'image',
    what: 'a descriptor that leaks into the container leads out of it, by a working folder of the image or by exec',
    source: runc('GHSA-xr7r-f8xq-vfvv'),
  },
  {
    id: 'CVE-2023-28642',
    affected: [['0', '1.1.5']],
    published: '2023-03-29',
    severity: 'moderate',
    reach: 'image',
    what: 'an image whose /proc is a link goes around AppArmor and SELinux',
    source: runc('GHSA-g2j6-57v7-gm8c'),
  },
  {
    id: 'CVE-2023-27561',
    affected: [['1.0.0-rc95', '1.1.5']],
    published: '2023-03-03',
    severity: 'high',
    reach: 'image',
    what: 'two containers of a hostile image with volumes get more rights by links at /proc and /sys',
    source: 'https://github.com/advisories/GHSA-vpvm-3wq2-2wvm',
  },
  {
    id: 'CVE-2023-25809',
    affected: [['0', '1.1.5']],
    published: '2023-03-29',
    severity: 'moderate',
    reach: 'sandbox',
    what: 'with a rootless engine the container may write to the cgroups of its user',
    source: runc('GHSA-m8cg-xc2p-r3fc'),
  },
  {
    id: 'CVE-2022-29162',
    affected: [['0', '1.1.2']],
    published: '2022-05-11',
    severity: 'low',
    reach: 'unused',
    what: 'exec starts processes with inheritable capabilities',
    source: runc('GHSA-f3fp-gc8g-vw66'),
  },
  {
    id: 'CVE-2021-43784',
    affected: [['0', '1.0.3']],
    published: '2021-12-06',
    severity: 'moderate',
    reach: 'unused',
    what: 'whoever configures containers may add namespaces by an overflow',
    source: runc('GHSA-v95c-p5hm-xq8f'),
  },
  {
    id: 'CVE-2021-30465',
    affected: [['0', '1.0.0-rc95']],
    published: '2021-05-19',
    severity: 'high',
    reach: 'unused',
    what: 'a race of links mounts folders of the host, where containers share a volume',
    source: runc('GHSA-c3xm-pvg7-gh7r'),
  },
];

const CONTAINERD: readonly Omit<Hole, 'component'>[] = [
  {
    id: 'CVE-2026-47262',
    affected: [
      ['0', '1.7.33'],
      ['2.0.0', '2.0.10'],
      ['2.1.0', '2.1.9'],
      ['2.2.0', '2.2.5'],
      ['2.3.0', '2.3.2'],
    ],
    published: '2026-06-19',
    severity: 'moderate',
    reach: 'image',
    what: 'an image with an enormous list of groups takes all memory of containerd',
    source: containerd('GHSA-jpcc-p29g-p8mq'),
  },
  {
    id: 'CVE-2026-46680',
    affected: [
      ['1.7.27', '1.7.32'],
      ['2.0.4', '2.0.9'],
      ['2.1.0', '2.2.4'],
      ['2.3.0', '2.3.1'],
    ],
    published: '2026-05-20',
    severity: 'high',
    reach: 'unused',
    what: 'an image whose USER is a too large number runs as root; Carrel names the user itself',
    source: 'https://www.cve.org/CVERecord?id=CVE-2026-46680',
  },
  {
    id: 'CVE-2024-25621',
    affected: [
      ['0', '1.7.29'],
      ['2.0.0', '2.0.7'],
      ['2.1.0', '2.1.5'],
    ],
    published: '2025-11-06',
    severity: 'high',
    reach: 'unused',
    what: 'users of the host may enter folders of containerd',
    source: containerd('GHSA-pwhc-rpq9-4c8w'),
  },
  {
    id: 'CVE-2025-47290',
    affected: [['2.1.0', '2.1.1']],
    published: '2025-05-20',
    severity: 'high',
    reach: 'image',
    what: 'unpacking a hostile image changes files of the host',
    source: containerd('GHSA-cxfp-7pvr-95ff'),
  },
  {
    id: 'CVE-2024-40635',
    affected: [
      ['0', '1.6.38'],
      ['1.7.0', '1.7.27'],
      ['2.0.0', '2.0.4'],
    ],
    published: '2025-03-17',
    severity: 'moderate',
    reach: 'unused',
    what: 'a user id beyond 32 bits becomes root; Carrel names ids below that',
    source: containerd('GHSA-265r-hfxg-fhmg'),
  },
  {
    id: 'CVE-2023-25173',
    affected: [
      ['0', '1.5.18'],
      ['1.6.0', '1.6.18'],
    ],
    published: '2023-02-16',
    severity: 'moderate',
    reach: 'image',
    what: 'supplementary groups of an image are not set up as they should be',
    source: containerd('GHSA-hmfx-3pcx-653p'),
  },
  {
    id: 'CVE-2023-25153',
    affected: [
      ['0', '1.5.18'],
      ['1.6.0', '1.6.18'],
    ],
    published: '2023-02-16',
    severity: 'moderate',
    reach: 'image',
    what: 'loading a hostile image takes all memory',
    source: containerd('GHSA-259w-8hf6-59c2'),
  },
  {
    id: 'CVE-2021-41103',
    affected: [
      ['0', '1.4.11'],
      ['1.5.0', '1.5.7'],
    ],
    published: '2021-10-04',
    severity: 'moderate',
    reach: 'unused',
    what: 'users of the host reach the root folders of containers',
    source: containerd('GHSA-c2h3-6mxw-7mvq'),
  },
  {
    id: 'CVE-2021-32760',
    affected: [
      ['0', '1.4.8'],
      ['1.5.0', '1.5.4'],
    ],
    published: '2021-07-19',
    severity: 'moderate',
    reach: 'image',
    what: 'unpacking a hostile image changes modes of files of the host',
    source: containerd('GHSA-c72p-9xmj-rx3w'),
  },
];

const ENGINE: readonly Omit<Hole, 'component'>[] = [
  {
    id: 'CVE-2026-42306',
    affected: [['0', '29.5.1']],
    published: '2026-06-12',
    severity: 'high',
    reach: 'unused',
    what: 'copying files into a container with volumes mounts them over folders of the host',
    source: moby('GHSA-rg2x-37c3-w2rh'),
  },
  {
    id: 'CVE-2026-41568',
    affected: [['0', '29.5.1']],
    published: '2026-06-12',
    severity: 'moderate',
    reach: 'unused',
    what: 'copying files makes empty files on the host',
    source: moby('GHSA-vp62-88p7-qqf5'),
  },
  {
    id: 'CVE-2026-41567',
    affected: [['0', '29.5.1']],
    published: '2026-05-18',
    severity: 'high',
    reach: 'unused',
    what: 'copying a compressed archive into a container runs a program of the container as root of the host',
    source: moby('GHSA-x86f-5xw2-fm2r'),
  },
  {
    id: 'CVE-2026-34040',
    affected: [['0', '29.3.1']],
    published: '2026-03-31',
    severity: 'high',
    reach: 'unused',
    what: 'large requests go around authorization plugins; Carrel relies on none',
    source: moby('GHSA-x744-4wpc-v9h2'),
  },
  {
    id: 'CVE-2026-33997',
    affected: [['0', '29.3.1']],
    published: '2026-03-31',
    severity: 'moderate',
    reach: 'unused',
    what: 'a plugin gets rights that nobody gave it',
    source: moby('GHSA-pxq6-2prw-chj9'),
  },
  {
    id: 'CVE-2025-54410',
    affected: [
      ['0', '25.0.13'],
      ['26.0.0', '28.0.0'],
    ],
    published: '2025-07-30',
    severity: 'low',
    reach: 'unused',
    what: 'after a reload of firewalld, networks of containers are not apart; sandboxes have none',
    source: moby('GHSA-4vq8-7jfc-9cvp'),
  },
  {
    id: 'CVE-2025-54388',
    affected: [['28.2.0', '28.3.3']],
    published: '2025-07-29',
    severity: 'moderate',
    reach: 'unused',
    what: 'after a reload of firewalld, ports published on loopback are reached from outside',
    source: moby('GHSA-x4rx-4gw3-53p4'),
  },
  {
    id: 'CVE-2024-41110',
    affected: [
      ['0', '23.0.15'],
      ['24.0.0', '25.0.6'],
      ['26.0.0', '26.1.5'],
      ['27.0.0', '27.1.1'],
    ],
    published: '2024-07-23',
    severity: 'critical',
    reach: 'unused',
    what: 'empty requests go around authorization plugins; Carrel relies on none',
    source: moby('GHSA-v23v-6jw2-98fq'),
  },
  {
    id: 'CVE-2024-32473',
    affected: [['26.0.0', '26.0.2']],
    published: '2024-04-18',
    severity: 'moderate',
    reach: 'unused',
    what: 'containers with networks get IPv6 that nobody asked for; sandboxes have no network',
    source: moby('GHSA-x84c-p2g9-rqv9'),
  },
  {
    id: 'CVE-2024-29018',
    affected: [
      ['0', '23.0.11'],
      ['24.0.0', '25.0.5'],
    ],
    published: '2024-03-20',
    severity: 'moderate',
    reach: 'unused',
    what: 'names leave an internal network by the resolver of the engine; sandboxes have no network',
    source: moby('GHSA-mq39-4gv4-mvpx'),
  },
  {
    id: 'CVE-2024-24557',
    affected: [
      ['0', '24.0.9'],
      ['25.0.0', '25.0.2'],
    ],
    published: '2024-02-01',
    severity: 'moderate',
    reach: 'image',
    what: 'an image can poison the cache of the classic builder, which builds the kernel image',
    source: moby('GHSA-xw73-rw38-6vjc'),
  },
  {
    id: 'GHSA-jq35-85cj-fj4p',
    affected: [
      ['0', '20.10.27'],
      ['23.0.0', '23.0.8'],
      ['24.0.0', '24.0.7'],
    ],
    published: '2023-10-30',
    severity: 'moderate',
    reach: 'unused',
    what: 'containers read the power that the processors take; Carrel hides that path itself',
    source: moby('GHSA-jq35-85cj-fj4p'),
  },
  {
    id: 'CVE-2023-28840',
    affected: [
      ['0', '20.10.24'],
      ['23.0.0', '23.0.3'],
    ],
    published: '2023-04-04',
    severity: 'high',
    reach: 'unused',
    what: 'encrypted networks of a swarm take what is not encrypted',
    source: moby('GHSA-232p-vwff-86mp'),
  },
  {
    id: 'CVE-2022-36109',
    affected: [['0', '20.10.18']],
    published: '2022-09-09',
    severity: 'moderate',
    reach: 'image',
    what: 'supplementary groups of an image are not set up as they should be',
    source: moby('GHSA-rc4r-wh2q-q6c4'),
  },
  {
    id: 'CVE-2022-24769',
    affected: [['0', '20.10.14']],
    published: '2022-03-23',
    severity: 'moderate',
    reach: 'image',
    what: 'containers start with inheritable capabilities',
    source: moby('GHSA-2mm7-x5h6-5pvq'),
  },
  {
    id: 'CVE-2021-41091',
    affected: [['0', '20.10.9']],
    published: '2021-10-04',
    severity: 'moderate',
    reach: 'unused',
    what: 'users of the host reach folders of containers',
    source: moby('GHSA-3fwx-pjgw-3558'),
  },
  {
    id: 'CVE-2021-41089',
    affected: [['0', '20.10.9']],
    published: '2021-10-04',
    severity: 'low',
    reach: 'unused',
    what: 'copying files changes modes of files of the host',
    source: moby('GHSA-v994-f8vw-g7j4'),
  },
  {
    id: 'CVE-2021-21284',
    affected: [
      ['0', '19.3.15'],
      ['20.10.0', '20.10.3'],
    ],
    published: '2021-02-02',
    severity: 'moderate',
    reach: 'unused',
    what: 'with userns-remap, the mapped root may become root of the host',
    source: moby('GHSA-7452-xqpj-6rpc'),
  },
];

const of = (component: Component, holes: readonly Omit<Hole, 'component'>[]): Hole[] =>
  holes.map((hole) => ({ ...hole, component }));

/** Newest first in each component. */
export const HOLES: readonly Hole[] = [...of('runc', RUNC), ...of('containerd', CONTAINERD), ...of('engine', ENGINE)];
