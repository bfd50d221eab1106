/** Who reaches the engine, and which user ids sandboxes get: the two things on which the wall around the gateway rests. */
import { type Family, failed, passed, unknown, warning } from '../check.ts';
import { type Facts, type IdRange, isSeen, type SocketFacts } from '../facts.ts';
import { few, seen, without } from './looking.ts';

const COMPOSE = 'docs/admin/install.md#3-start: compose runs the gateway as a user of its own without the socket';
const READ_WRITE = { user: 0o600, group: 0o060, other: 0o006 };

/** Whether a user may open the socket, by its owner and mode. */
export function mayOpen(file: NonNullable<SocketFacts['file']>, uid: number, groups: readonly number[]): boolean {
  if (uid === 0) return true;
  if (uid === file.uid) return (file.mode & READ_WRITE.user) === READ_WRITE.user;
  if (groups.includes(file.gid)) return (file.mode & READ_WRITE.group) === READ_WRITE.group;
  return (file.mode & READ_WRITE.other) === READ_WRITE.other;
}

const octal = (mode: number): string => `0${(mode & 0o7777).toString(8)}`;

/** Others than this machine reach the gateway. */
const isPublic = ({ settings }: Facts): boolean =>
  isSeen(settings) && (settings.publicUrl !== undefined || !/^(127\.|::1$|localhost$)/.test(settings.bind));

const MAPPED_IDS = 65_536;

const overlap = (range: { first: number; count: number }, other: IdRange): boolean =>
  other.first < range.first + range.count && range.first < other.first + other.count;

export const reach: Family = {
  id: 'reach',
  title: 'Reach of the engine',
  checks: [
    {
      id: 'socket-mode',
      title: 'the engine’s socket',
      why: 'Whoever opens it is root on the host.',
      expected: 'others than its owner and its group may not open the socket; TCP has TLS',
      mend: 'chmod 0660 /var/run/docker.sock; chown root:docker /var/run/docker.sock',
      look: ({ socket }) =>
        seen(socket, ({ address, file, tls, mounted }) => {
          if (mounted.some(({ container }) => container === 'this container'))
            return passed(`${address} is not in this container`);
          if (file === undefined)
            return tls
              ? passed(`${address}, with TLS`)
              : warning(
                  `${address}: every user of this machine reaches it`,
                  'use the engine’s Unix socket, or TLS (DOCKER_TLS_VERIFY=1)',
                );
          const shown = `${address}, mode ${octal(file.mode)}, owner ${file.uid}:${file.gid}`;
          return (file.mode & 0o007) === 0 ? passed(shown) : failed(shown);
        }),
    },
    {
      id: 'socket-gateway',
      title: 'the engine’s socket is out of the gateway’s reach',
      why: 'The gateway faces the web: if it is taken over, the socket must not be there for it.',
      expected: 'the user that the gateway runs as may not open the socket, and it is not mounted in its container',
      mend: COMPOSE,
      look: (facts) =>
        seen(facts.socket, ({ file, gateway, mounted }) => {
          const holders = mounted.filter(({ socket }) => socket);
          if (holders.length > 0)
            return failed(
              `mounted in ${holders.map(({ container }) => container).join(', ')}`,
              'remove the socket from the volumes of the service gateway in compose.yaml',
            );
          if (mounted.length > 0) return passed(`not mounted in ${few(mounted.map(({ container }) => container))}`);
          if (file === undefined) return passed('the engine is reached by TCP: only who has the key reaches it');
          return seen(gateway, ({ uid, groups, from }) => {
            if (!mayOpen(file, uid, groups)) return passed(`user ${uid} (${from}) may not open it`);
            const shown = `user ${uid} (${from}) may open it: gateway and warden are one user`;
            return isPublic(facts) ? failed(shown) : warning(`${shown}; nobody but this machine reaches the gateway`);
          });
        }),
    },
    {
      id: 'uid-range',
      title: 'user ids of sandboxes',
      why: 'An id that the host uses for something else gives a sandbox that has escaped somebody’s files.',
      expected:
        'no account and no range of /etc/subuid lies in the range of site.yaml; with userns-remap or rootless the engine has 65536 ids',
      mend: 'choose another range in policies/site.yaml (uids), or move the range of /etc/subuid',
      look: ({ engine, policies, host: { accounts, subordinateUids }, self }) => {
        if (self.container) return without('accounts of the host');
        if (isSeen(engine) && (engine.usernsRemap || engine.rootless))
          return seen(subordinateUids, (ranges) => {
            const largest = Math.max(0, ...ranges.map(({ count }) => count));
            return largest >= MAPPED_IDS
              ? passed(`mapped by the engine; ranges of /etc/subuid: ${few(ranges.map(show))}`)
              : failed(
                  `the engine maps ids, and the largest range of /etc/subuid has ${largest} of ${MAPPED_IDS}`,
                  'usermod --add-subuids 1000000-1065535 --add-subgids 1000000-1065535 USER; restart docker',
                );
          });
        if (!isSeen(policies) || policies.site === undefined) return unknown('the policies cannot be read');
        const range = policies.site.uids;
        const last = range.first + range.count - 1;
        return seen(accounts, (users) => {
          const inside = users.filter(({ uid }) => uid >= range.first && uid <= last);
          if (inside.length > 0)
            return failed(`${range.first}–${last} has the accounts ${few(inside.map(({ name }) => name))}`);
          return seen(subordinateUids, (ranges) => {
            const taken = ranges.filter((each) => overlap(range, each));
            if (taken.length > 0) return failed(`${range.first}–${last} meets ${few(taken.map(show))} of /etc/subuid`);
            if (range.first < MAPPED_IDS)
              return warning(`${range.first}–${last}: ids below ${MAPPED_IDS} are given to accounts and services`);
            return passed(`${range.first}–${last}: no account, no range of /etc/subuid`);
          });
        });
      },
    },
  ],
};

const show = ({ owner, first, count }: IdRange): string => `${owner} ${first}–${first + count - 1}`;
