/** Writes docs/admin/doctor.md from the checks and the table of holes, so that the page cannot be wrong. Pure. */
import type { Check, Family } from './check.ts';
import { FAMILIES } from './families.ts';
import { HOLES } from './hole-table.ts';
import { type Component, type Hole, READ_ON, TABLE_DATE } from './holes/hole.ts';

const COMPONENTS: readonly [Component, string][] = [
  ['runc', 'runc'],
  ['containerd', 'containerd'],
  ['engine', 'The engine (moby)'],
];

const REACH: Readonly<Record<Hole['reach'], string>> = {
  sandbox: 'code of a worksheet',
  image: 'whoever makes an image that is used here, or replaces it on its way',
  unused: 'nobody through Carrel',
};

export function referencePage(): string {
  const count = FAMILIES.reduce((sum, { checks }) => sum + checks.length, 0);
  return [INTRODUCTION.replace('COUNT', String(count)), ...FAMILIES.map(familyText), holesText()]
    .join('\n\n')
    .concat('\n');
}

const INTRODUCTION = `<!-- Written by \`carrel doctor page\` from gateway/src/doctor; \`npm run check\` and a test hold it. -->

# carrel doctor

Looks at the host and the installation and says, for each of COUNT checks: whether it passed, what was found, why it matters, and the
command that mends what did not pass. It changes nothing, needs no running Carrel, and works as root and as a plain user; what could
not be looked at is "not known", with the reason.

    npm run carrel -- doctor                       # a clone, with the settings of the environment
    docker compose exec warden carrel doctor       # a stack: the engine, from where it is reached
    docker compose exec gateway carrel doctor      # a stack: settings, database, secrets
    npm run carrel -- doctor --env .env            # a stack from outside, also before its first start

What a host should have switched on, with the reasons, is in [hardening.md](hardening.md); \`--attack\`, which tries to get out of real
sandboxes, in [attack.md](attack.md).

In a stack, the host's own files (accounts, packages, disks) and the address that people use are seen from outside alone: run the last
line on the host, as root.

| option | what it does |
| --- | --- |
| \`--problems\` | leaves out what passed |
| \`--only NAME…\` | these checks or families alone: \`--only kernel certificate\` |
| \`--json\` | the shape below |
| \`--env FILE\` | the \`.env\` of a Compose stack instead of the environment |

## Exit status, for monitoring

| status | meaning |
| --- | --- |
| 0 | nothing to mend; what is not known counts as nothing |
| 1 | at least one warning |
| 2 | at least one check failed |
| 3 | it could not look: a name of \`--only\` or a file of \`--env\` is not there |

## JSON

    {
      "version": 1,                     counts changes of this shape
      "program": "0.1.0",               version of Carrel
      "at": "2026-01-31T12:00:00.000Z",
      "status": 2,                      the exit status
      "counts": { "passed": 50, "warning": 3, "failed": 1, "unknown": 2 },
      "lines": [
        {
          "id": "kptr-restrict",        never changed once released
          "family": "kernel",
          "title": "kernel.kptr_restrict",
          "verdict": "warning",         passed, warning, failed or unknown
          "found": "0; expected: is 1 or 2",
          "why": "Addresses of the kernel are what an exploit needs first.",
          "mend": "…"                   only for warning and failed
        }
      ]
    }

## What keeps Carrel from starting

\`carrel serve\` and \`carrel gateway\` refuse to start where a check of the family \`settings\` fails, in the same words. Nothing that is
about the host keeps them from it.`;

function familyText({ id, title, checks }: Family): string {
  return [`## ${title} (\`${id}\`)`, ...checks.map(checkText)].join('\n\n');
}

const checkText = ({ id, title, why, expected, mend }: Check): string =>
  `**\`${id}\`**: ${title}. ${why}\n\n- Passed where ${expected}.\n- Mend: \`${mend.replaceAll('`', "'")}\``;

function holesText(): string {
  const tables = COMPONENTS.map(([component, name]) => `### ${name}\n\n${tableText(component)}`);
  return `## Known holes

Read on ${READ_ON} in stored copies of the projects' changelogs, release notes and advisories, of the Go vulnerability database and of
Debian's changelogs; the newest advisory among them is of ${TABLE_DATE}. What was published later is not here, and what none of them confirmed
was left out: follow the [announcements of the engine](https://docs.docker.com/engine/release-notes/) too. A version from upstream is judged by its number. A distribution mends holes without a
new number: where its package is seen, what its changelog names counts as mended, and the rest is a warning, never a failure; where
the package is not seen (from a container, or with an engine elsewhere), the number alone is a warning that says so. A check fails
where upstream's own version has a hole of severity high or critical that somebody reaches through Carrel.

Left out are holes older than the oldest engine that Carrel works with (20.10), those of containerd's CRI, which Docker does not use, those
of BuildKit, which builds here from the release's own files alone, and those by which somebody who holds the engine's API already makes it crash.

${tables.join('\n\n')}`;
}

function tableText(component: Component): string {
  const rows = HOLES.filter((hole) => hole.component === component).map(
    ({ id, published, severity, affected, reach, what, source }) =>
      `| [${id}](${source}) | ${published} | ${severity} | ${affected.map(range).join('; ')} | ${what} | ${REACH[reach]} |`,
  );
  return [
    '| hole | published | severity | affected | what it is | who reaches it |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

const range = ([from, before]: readonly [string, string]): string =>
  from === '0' ? `before ${before}` : `${from} to before ${before}`;
