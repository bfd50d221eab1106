/** The columns of the audit log. */
import { locale } from '../texts/texts.ts';
import type { AuditLineModel } from './admin-api.ts';
import type { Column } from './data-table.tsx';
import { ta } from './texts.ts';

const time = new Intl.DateTimeFormat(locale, { dateStyle: 'short', timeStyle: 'medium' });

/** What it was done to, and the rest of what is known. */
function aboutOf({ subject, subject_name, details }: AuditLineModel): string {
  const named = subject_name === null ? (subject ?? '') : `${subject_name} (${subject})`;
  const more = Object.entries(details).map(([name, value]) => `${name} ${value}`);
  return [named, ...more].filter((text) => text !== '').join(' · ');
}

export const auditColumns = (): readonly Column<AuditLineModel>[] => [
  {
    key: 'at',
    title: ta.time,
    cell: ({ at, seq }) => (
      <time dateTime={at} title={`${at}, ${seq}`}>
        {time.format(new Date(at))}
      </time>
    ),
  },
  { key: 'actor', title: ta.who, cell: ({ who, via }) => <span title={via}>{who ?? ta.nobody(via)}</span> },
  { key: 'event', title: ta.event, cell: ({ event }) => event },
  {
    key: 'what',
    title: ta.about,
    cell: (line) => {
      const about = aboutOf(line);
      return <span title={about}>{about}</span>;
    },
  },
  { key: 'address', title: ta.address, cell: ({ address }) => address ?? '–' },
];
