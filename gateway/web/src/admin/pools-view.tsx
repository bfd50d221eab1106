/** Pools and queue by policy: what is ready, what is coming, who waits, and what limits it. */
import { size } from '../shared/size.ts';
import { inLanguage } from '../texts/told.ts';
import { adminApi, type PoolsModel } from './admin-api.ts';
import { type Column, DataTable } from './data-table.tsx';
import { Fresh } from './fresh.tsx';
import { ta } from './texts.ts';
import { usePoll } from './use-poll.ts';

type Pool = PoolsModel['pools'][number];

const number = (key: string, title: string, of: (pool: Pool) => number): Column<Pool> => ({
  ...{ key, title, numeric: true, by: of, cell: of },
});
const COLUMNS: readonly Column<Pool>[] = [
  { key: 'policy', title: ta.policy, by: ({ policy }) => policy, cell: ({ policy }) => policy },
  number('claimed', ta.inUse, ({ claimed }) => claimed),
  number('ready', ta.ready, ({ ready }) => ready),
  number('starting', ta.starting, ({ starting }) => starting),
  number('waiting', ta.waiting, ({ waiting }) => waiting),
  { key: 'least', title: ta.least, numeric: true, cell: ({ min, max }) => ta.range(min, max) },
  {
    key: 'limit',
    title: ta.limit,
    by: ({ limit }) => limit,
    cell: ({ limit, told }) =>
      limit === null ? <span className="faint">{ta.nothing}</span> : <strong>{inLanguage(limit, told)}</strong>,
  },
];

const nameOf = ({ policy }: Pool) => policy;

export function PoolsView() {
  const polled = usePoll(adminApi.pools);
  const { answer } = polled;
  return (
    <section aria-label={ta.pools}>
      <Fresh {...polled} />
      {answer !== undefined && (
        <>
          <p className={answer.engine.available ? '' : 'reason'}>
            {ta.checks.engine}: {inLanguage(answer.engine.message, answer.engine.told)}
          </p>
          <p>{ta.queue(answer.pools.reduce((sum, { waiting }) => sum + waiting, 0))}</p>
          <p>{ta.memoryUse(size(answer.memory.used), size(answer.memory.share))}</p>
          <p>{ta.placesUse(answer.sandboxes.used, answer.sandboxes.share)}</p>
          <DataTable
            label={ta.pools}
            className="pools"
            rows={answer.pools}
            columns={COLUMNS}
            idOf={nameOf}
            nameOf={nameOf}
            first={{ column: 'policy', down: false }}
          />
        </>
      )}
    </section>
  );
}
