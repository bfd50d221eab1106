/** What the kernel and the engine can enforce around a sandbox: cgroups, user ids, seccomp, security modules. */
import { formatSize } from '../../config/quantities.ts';
import { type Family, failed, passed, unknown, warning } from '../check.ts';
import { isSeen } from '../facts.ts';
import { ofEngine, seen } from './looking.ts';

const REMAP =
  'docs/admin/hardening.md#user-namespaces: "userns-remap": "default" in /etc/docker/daemon.json, or a rootless engine';
const CMDLINE = 'to GRUB_CMDLINE_LINUX in /etc/default/grub, then update-grub && reboot';

export const confinement: Family = {
  id: 'confinement',
  title: 'Confinement',
  checks: [
    {
      id: 'cgroup-version',
      title: 'cgroup version',
      why: 'Version 2 counts memory and swap together and kills a sandbox as a whole; runc gives version 1 up.',
      expected: 'the engine uses cgroup v2',
      mend: `add systemd.unified_cgroup_hierarchy=1 ${CMDLINE}`,
      look: ({ engine, host }) => {
        const [version, how] = isSeen(engine)
          ? [engine.cgroupVersion, `, driver ${engine.cgroupDriver}`]
          : [isSeen(host.cgroup) ? host.cgroup.version : undefined, ' on this host'];
        if (version === undefined) return unknown('neither the engine nor this host tells');
        return version === 2 ? passed(`v2${how}`) : warning(`v1${how}`);
      },
    },
    {
      id: 'cgroup-controllers',
      title: 'cgroup controllers',
      why: 'A limit that the engine cannot enforce is none: one worksheet could take the whole host.',
      expected: 'the engine can limit memory, processors and processes',
      mend: `add cgroup_enable=memory ${CMDLINE}; for a rootless engine delegate cpu, memory and pids (systemctl edit user@.service: Delegate=cpu cpuset io memory pids)`,
      look: ofEngine(({ limits }) => {
        const lacking = [
          ...(limits.memory ? [] : ['memory']),
          ...(limits.cpu ? [] : ['cpu']),
          ...(limits.pids ? [] : ['pids']),
        ];
        return lacking.length === 0 ? passed('memory, cpu and pids') : failed(`no limit of ${lacking.join(', ')}`);
      }),
    },
    {
      id: 'swap-accounting',
      title: 'swap accounting',
      why: 'Without it a sandbox gets swap beyond its memory, as much as there is.',
      expected: 'the engine counts swap, or the host has none',
      mend: `add swapaccount=1 ${CMDLINE}; or swapoff -a`,
      look: ofEngine(({ limits }, { host }) => {
        if (limits.swap) return passed('the engine counts swap');
        return seen(host.swap, (bytes) =>
          bytes === 0
            ? passed('not counted, and there is no swap')
            : failed(`not counted, and there are ${formatSize(bytes)} of swap`),
        );
      }),
    },
    {
      id: 'swap',
      title: 'swap of the host',
      why: 'What worksheets and keys hold in memory is written to the disk, and one that swaps slows all others.',
      expected: 'the host has no swap',
      mend: 'swapoff -a, and remove the swap lines of /etc/fstab; or encrypt it',
      look: ({ host }) => seen(host.swap, (bytes) => (bytes === 0 ? passed('none') : warning(formatSize(bytes)))),
    },
    {
      id: 'user-namespaces',
      title: 'user namespaces or rootless',
      why: 'Then root of a container, and whoever escapes from one, is an ordinary user of the host.',
      expected: 'the engine is rootless or has userns-remap',
      mend: REMAP,
      look: ofEngine(({ rootless, usernsRemap }) => {
        if (rootless) return passed('rootless');
        return usernsRemap
          ? passed('userns-remap')
          : warning(
              'neither: each sandbox has a user id of its own on the host, and only seccomp, capabilities and that id hold it',
            );
      }),
    },
    {
      id: 'seccomp',
      title: 'seccomp',
      why: 'The list of allowed system calls is what keeps the holes of the kernel out of reach.',
      expected: 'the engine has seccomp, and not "unconfined" as its default',
      mend: 'use a kernel with CONFIG_SECCOMP_FILTER and an engine built with it; remove "seccomp-profile": "unconfined" from /etc/docker/daemon.json',
      look: ofEngine(({ seccomp }) => {
        if (seccomp === undefined) return failed('the engine has none: no policy’s profile is enforced');
        return seccomp === 'unconfined'
          ? warning('sandboxes have the profile of their policy, everything else on this engine has none')
          : passed(`yes; the engine’s default is ${seccomp}, sandboxes have the profile of their policy`);
      }),
    },
    {
      id: 'security-module',
      title: 'AppArmor or SELinux',
      why: 'A second opinion on what a container may touch, which held in several escapes from runc.',
      expected: 'the engine uses AppArmor or SELinux',
      mend: 'apt-get install apparmor && systemctl enable --now apparmor && systemctl restart docker; on SELinux hosts "selinux-enabled": true in /etc/docker/daemon.json',
      look: ofEngine(({ appArmor, seLinux }) => {
        if (appArmor || seLinux)
          return passed([...(appArmor ? ['AppArmor'] : []), ...(seLinux ? ['SELinux'] : [])].join(', '));
        return warning('neither');
      }),
    },
    {
      id: 'landlock',
      title: 'Landlock',
      why: 'With it the agent keeps itself apart from the cell without a capability; without it, it needs a second user id and four of them.',
      expected: 'the kernel has Landlock among its security modules',
      mend: `add landlock to lsm= ${CMDLINE}; a kernel of 6.12 or newer has all of it`,
      look: ({ host }) =>
        seen(host.securityModules, (modules) =>
          modules.includes('landlock')
            ? passed(modules.join(', '))
            : warning(`not among ${modules.join(', ')}: sandboxes are split, with two user ids`),
        ),
    },
  ],
};
