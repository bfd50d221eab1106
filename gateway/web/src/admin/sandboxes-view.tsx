/** The sandboxes that there are now: whose, by which policy, what they use; to be stopped one by one or many at once. */
import { useMemo, useState } from 'react';
import { stillChosen } from '../shared/choosing.ts';
import { ConfirmDialog } from '../shared/confirm-dialog.tsx';
import { useSaid } from '../shared/use-said.ts';
import { t } from '../texts/texts.ts';
import { firstReason, inLanguage } from '../texts/told.ts';
import { adminApi, type LiveSandbox } from './admin-api.ts';
import { DataTable } from './data-table.tsx';
import { Fresh } from './fresh.tsx';
import { nameOf, sandboxColumns } from './sandbox-columns.tsx';
import { found } from './table-state.ts';
import { ta } from './texts.ts';
import { usePoll } from './use-poll.ts';

const NONE: readonly LiveSandbox[] = [];
const idOf = ({ id }: LiveSandbox) => id;
const textOf = ({ owner, title, policy, id, state }: LiveSandbox) =>
  [owner ?? ta.inPool, title ?? '', policy, id, ta.states[state]].join(' ');

export function SandboxesView() {
  const polled = usePoll(adminApi.sandboxes);
  const { said, act } = useSaid();
  const [wanted, setWanted] = useState('');
  const [used, setUsed] = useState(true);
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<readonly string[]>();
  const all = polled.answer?.sandboxes ?? NONE;
  const shown = useMemo(
    () => found(used ? all.filter(({ claimed_at }) => claimed_at !== null) : all, wanted, textOf),
    [all, used, wanted],
  );
  const columns = useMemo(() => sandboxColumns((id) => setAsked([id])), []);
  const picked = useMemo(() => stillChosen(chosen, shown.map(idOf)), [chosen, shown]);
  const stop = (ids: readonly string[]) =>
    void act(
      async () => {
        const done = await adminApi.stop(ids);
        choose(new Set());
        await polled.again();
        if (done.failed.length > 0) throw new Error(ta.notStopped(done.failed.length, firstReason(done.failed)));
        return done.stopped;
      },
      (count) => ta.stopped(count),
    );
  return (
    <section aria-label={ta.sandboxes}>
      <Fresh {...polled} />
      <p className={said.bad ? 'said bad' : 'said'} role="status">
        {said.text || (polled.answer === undefined ? '' : ta.count(shown.length, all.length))}
      </p>
      {polled.answer !== undefined && (
        <>
          {polled.answer.trouble !== null && (
            <p className="reason">{inLanguage(polled.answer.trouble, polled.answer.told)}</p>
          )}
          <div className="find">
            <label className="search">
              {t.search}
              <input
                type="search"
                title={ta.search}
                value={wanted}
                onChange={(event) => setWanted(event.target.value)}
              />
            </label>
            <label>
              {ta.show}
              <select value={used ? 'used' : 'all'} onChange={(event) => setUsed(event.target.value === 'used')}>
                <option value="used">{ta.shows.used}</option>
                <option value="all">{ta.shows.all}</option>
              </select>
            </label>
            <button type="button" disabled={picked.length === 0} onClick={() => setAsked(picked)}>
              {picked.length === 0 ? ta.stop : ta.stopChosen(picked.length)}
            </button>
          </div>
          <DataTable
            label={ta.sandboxes}
            className="sandboxes"
            rows={shown}
            columns={columns}
            idOf={idOf}
            nameOf={nameOf}
            first={{ column: 'age', down: false }}
            chosen={chosen}
            choose={choose}
          />
          {shown.length === 0 && <p className="nothing">{ta.noSandboxes}</p>}
          <p className="note">{ta.hiddenWhy}</p>
        </>
      )}
      {asked !== undefined && (
        <ConfirmDialog
          title={ta.stopChosen(asked.length)}
          text={ta.stopQuestion(asked.length)}
          act={() => stop(asked)}
          close={() => setAsked(undefined)}
        />
      )}
    </section>
  );
}
