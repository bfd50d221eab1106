/** What Carrel keeps: secrets and who may read them, the database and its schema. */
import { type Family, failed, passed, unknown, warning } from '../check.ts';
import { isSeen } from '../facts.ts';
import { few, seen } from './looking.ts';

const octal = (mode: number): string => `0${mode.toString(8)}`;

export const data: Family = {
  id: 'data',
  title: 'Data',
  checks: [
    {
      id: 'secrets-modes',
      title: 'modes of secrets',
      why: 'Who reads these files signs in as anybody, or reads every worksheet.',
      expected:
        'nobody but their owner reads the keys, the database and the sockets, and nobody else enters the data folder',
      mend: 'chmod 0700 FOLDER; chmod 0600 FILE',
      look: ({ files }) =>
        seen(files, (all) => {
          const open = all.filter(({ mode, forbidden }) => (mode & forbidden) !== 0);
          if (all.length === 0) return passed('there are none yet');
          if (open.length === 0)
            return passed(
              `${all.length} looked at: ${few(
                all.map(({ what }) => what),
                6,
              )}`,
            );
          const commands = open.map(({ path, mode, forbidden }) => `chmod ${octal(mode & ~forbidden)} ${path}`);
          return failed(few(open.map(({ path, mode }) => `${path} has mode ${octal(mode)}`)), commands.join('; '));
        }),
    },
    {
      id: 'secrets-owners',
      title: 'owners of secrets',
      why: 'An owner can always give himself the right to read.',
      expected: 'all of them belong to one user, the one that Carrel runs as, or to root',
      mend: 'chown -R THE-USER-OF-CARREL CARREL_DATA',
      look: ({ files, socket }) =>
        seen(files, (listed) => {
          const all = listed.filter(({ own }) => own);
          if (all.length === 0) return passed('there are none yet');
          const gateway = isSeen(socket) && isSeen(socket.gateway) ? socket.gateway.uid : undefined;
          const expected = gateway ?? all[0]?.uid;
          const strange = all.filter(({ uid }) => uid !== expected && uid !== 0);
          if (strange.length > 0)
            return failed(few(strange.map(({ path, uid }) => `${path} belongs to ${uid}, not to ${expected}`)));
          return passed(`all belong to ${[...new Set(all.map(({ uid }) => uid))].join(' and ')}`);
        }),
    },
    {
      id: 'database',
      title: 'the database is reached',
      why: 'Without it the gateway waits, and nobody can work.',
      expected: 'the database answers, with the user and password of CARREL_DATABASE',
      mend: 'docker compose up -d postgres; or see what the message names',
      look: ({ schema }) => {
        if (isSeen(schema)) return passed(`${schema.version}, ${schema.where}`);
        return NOT_YET.test(schema.unseen)
          ? passed(schema.unseen)
          : HIDDEN.test(schema.unseen)
            ? unknown(schema.unseen)
            : failed(schema.unseen);
      },
    },
    {
      id: 'schema',
      title: 'the database’s schema',
      why: 'A program that is older than its database would not understand what it reads.',
      expected: 'the database has had every step that this program knows, and no other',
      mend: 'start this version of Carrel, which brings the schema up to date; take a backup before (carrel backup)',
      look: ({ schema }) => {
        if (!isSeen(schema)) return NOT_YET.test(schema.unseen) ? passed(schema.unseen) : unknown(schema.unseen);
        const { applied, known } = schema;
        if (applied === undefined) return passed('there is none yet; the first start makes it');
        const strange = applied.filter((name) => !known.includes(name));
        if (strange.length > 0)
          return failed(
            `newer than this program: ${few(strange)}`,
            'run the version of Carrel that has last used this database, or a newer one',
          );
        const lacking = known.filter((name) => !applied.includes(name));
        return lacking.length === 0
          ? passed(`${applied.length} steps, up to ${applied.at(-1)}`)
          : warning(`${few(lacking)} not yet`);
      },
    },
    {
      id: 'backup',
      title: 'the last backup',
      why: 'A disk that dies takes everything with it that was made since.',
      expected: 'the last backup is less than 2 days old; from 14 days on it is a failure',
      mend: 'make one, and every night: docs/admin/backup.md#every-night',
      look: ({ schema, at }) => {
        if (!isSeen(schema)) return NOT_YET.test(schema.unseen) ? passed(schema.unseen) : unknown(schema.unseen);
        if (schema.applied === undefined) return passed('there is nothing yet that could be lost');
        if (schema.backup === undefined) return warning('none was made yet');
        const days = (at - schema.backup) / DAY;
        const found = `made ${new Date(schema.backup).toISOString()}, ${daysText(days)}`;
        if (days >= FAILED_DAYS) return failed(found);
        return days >= WARNING_DAYS ? warning(found) : passed(found);
      },
    },
  ],
};

const DAY = 86_400_000;
/** Two nights were missed. */
const WARNING_DAYS = 2;
const FAILED_DAYS = 14;

const daysText = (days: number): string =>
  days < 1 ? 'less than a day ago' : `${Math.floor(days)} ${days < 2 ? 'day' : 'days'} ago`;

/** What `gather/` says where the first start is still to come, and where this user may not look. */
export const NO_DATABASE_YET = 'there is none yet; the first start makes it';
export const MAY_NOT_LOOK = 'this user may not look';
const NOT_YET = new RegExp(`^${NO_DATABASE_YET}`);
const HIDDEN = new RegExp(`${MAY_NOT_LOOK}|docker compose exec|settings cannot be read`);
