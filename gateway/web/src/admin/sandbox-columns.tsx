/** The columns of the table of sandboxes. */
import { address } from '../shared/root.ts';
import { size } from '../shared/size.ts';
import { timeAgo } from '../shared/time-ago.ts';
import { language, locale } from '../texts/texts.ts';
import type { LiveSandbox } from './admin-api.ts';
import type { Column } from './data-table.tsx';
import { ta } from './texts.ts';

const fine = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** What a row is called: its owner and id tell it from all others. */
export const nameOf = ({ owner, id }: LiveSandbox): string => `${owner ?? ta.inPool} (${id})`;

const since = ({ claimed_at, created_at }: LiveSandbox): string => claimed_at ?? created_at;

export const sandboxColumns = (stop: (id: string) => void): readonly Column<LiveSandbox>[] => [
  {
    key: 'owner',
    title: ta.owner,
    by: ({ owner }) => owner,
    cell: ({ owner, id }) => <span title={id}>{owner ?? <em>{ta.inPool}</em>}</span>,
  },
  {
    key: 'worksheet',
    title: ta.worksheet,
    by: ({ title }) => title,
    cell: ({ title, worksheet }) =>
      title === null ? <span className="faint">–</span> : <a href={address(`worksheets/${worksheet}`)}>{title}</a>,
  },
  { key: 'policy', title: ta.policy, by: ({ policy }) => policy, cell: ({ policy }) => policy },
  {
    key: 'state',
    title: ta.state,
    by: ({ state }) => ta.states[state],
    cell: ({ state }) => ta.states[state],
  },
  {
    key: 'memory',
    title: ta.memory,
    numeric: true,
    by: ({ memory }) => memory,
    cell: ({ memory, memory_limit }) =>
      memory === null ? (
        ta.unknown
      ) : (
        <span data-much={memory > 0.8 * memory_limit || undefined}>{ta.of(size(memory), size(memory_limit))}</span>
      ),
  },
  {
    key: 'cpu',
    title: ta.cpu,
    numeric: true,
    by: ({ cpus }) => cpus,
    cell: ({ cpus }) => (cpus === null ? '–' : fine.format(cpus)),
  },
  {
    key: 'age',
    title: ta.age,
    by: (sandbox) => -Date.parse(since(sandbox)),
    cell: (sandbox) => timeAgo(since(sandbox), Date.now(), language),
  },
  {
    key: 'action',
    title: ta.action,
    cell: (sandbox) => (
      <button type="button" aria-label={ta.stopOf(nameOf(sandbox))} onClick={() => stop(sandbox.id)}>
        {ta.stop}
      </button>
    ),
  },
];
