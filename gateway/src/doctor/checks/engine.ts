/** The engine: does it answer, is it new enough, does it offer what the policies name, is it shut to others. */
import { type Family, failed, passed, unknown, warning } from '../check.ts';
import { isSeen } from '../facts.ts';
import { looksLikeDistribution, parseVersion } from '../versions.ts';
import { holes } from './holes.ts';
import { ofEngine, without } from './looking.ts';

/** The oldest API that the driver speaks (engine 20.10). */
const OLDEST_API = 41;
/** Majors that their authors still mend, at the date of the table of holes: the newest, and 25.0 as a long-lived branch. */
const KEPT = [29, 25];

const UPGRADE = 'apt-get update && apt-get install --only-upgrade docker.io containerd runc';
/** Plain HTTP of the engine by custom; whoever reaches it is root on the host. */
const ENGINE_PORTS = [2375, 4243];

/** What `gather/` says in the gateway's container, which has no engine on purpose. */
export const NO_ENGINE_HERE =
  'there is no engine in this container, as it should be for a gateway: docker compose exec warden carrel doctor';

/** As `engine/docker/failures` says it. */
const MAY_NOT_OPEN = /may not open the socket/;

export const engine: Family = {
  id: 'engine',
  title: 'Engine',
  checks: [
    {
      id: 'engine-answers',
      title: 'the engine answers',
      why: 'Without an engine no worksheet runs.',
      expected: 'the engine of DOCKER_HOST, or the first socket found, answers within 10 s',
      mend: 'systemctl start docker; docker version',
      look: ({ engine: report, self }) => {
        if (isSeen(report)) return passed(`${report.version} at ${report.address}, API ${report.api}`);
        const hidden = report.unseen === NO_ENGINE_HERE || (self.uid !== 0 && MAY_NOT_OPEN.test(report.unseen));
        return (hidden ? unknown : failed)(report.unseen);
      },
    },
    {
      id: 'engine-version',
      title: 'the engine is one that is still mended',
      why: 'Holes that are found in an engine that nobody mends any more stay open.',
      expected: 'the engine speaks API 1.41 or newer, and is of a branch that its authors or a distribution mend',
      mend: UPGRADE,
      look: ofEngine((report) => {
        const api = Number(/^1\.(\d+)$/.exec(report.api)?.[1] ?? Number.NaN);
        if (!(api >= OLDEST_API)) return failed(`${report.version} with API ${report.api}; expected API 1.41 or newer`);
        const [major = 0] = parseVersion(report.version)?.numbers ?? [];
        if (KEPT.includes(major) || major > Math.max(...KEPT)) return passed(report.version);
        return looksLikeDistribution(report.version)
          ? passed(`${report.version}: its authors mend ${KEPT.join(' and ')} only, the distribution mends this one`)
          : warning(`${report.version}; its authors mend ${KEPT.join(' and ')} only`);
      }),
    },
    ...holes,
    {
      id: 'engine-runtimes',
      title: 'the engine offers the runtimes that policies name',
      why: 'A policy whose runtime is missing starts no sandbox.',
      expected: 'each policy names a runtime that the engine offers',
      mend: 'apt-get install runsc, name it under "runtimes" in /etc/docker/daemon.json, systemctl reload docker; or remove the policy',
      look: ofEngine((report, { policies }) => {
        if (!isSeen(policies)) return unknown(policies.unseen);
        const lacking = policies.policies.filter(({ runtime }) => !report.runtimes.includes(runtime));
        const named = lacking.map(({ name, runtime }) => `${name} names ${runtime}`).join(', ');
        if (lacking.length === 0) return passed(report.runtimes.filter((name) => !name.startsWith('io.')).join(', '));
        const first = policies.site?.default;
        return lacking.some(({ name }) => name === first) ? failed(named) : warning(named);
      }),
    },
    {
      id: 'engine-port',
      title: 'the engine listens on no open port',
      why: 'Whoever reaches an engine without TLS is root on its host.',
      expected: `nothing listens on the ports ${ENGINE_PORTS.join(' and ')} at an address that others reach`,
      mend: 'remove tcp:// from "hosts" in /etc/docker/daemon.json and from the unit of docker, or set tlsverify; systemctl restart docker',
      look: ({ host: { openPorts }, self }) => {
        if (self.container) return without('the ports of the host');
        if (!isSeen(openPorts)) return unknown(openPorts.unseen);
        const open = openPorts.filter((port) => ENGINE_PORTS.includes(port));
        return open.length === 0 ? passed('none') : failed(`something listens on ${open.join(', ')}`);
      },
    },
  ],
};
