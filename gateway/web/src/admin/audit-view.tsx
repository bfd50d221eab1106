/** The audit log: by event, person and time, a page after the other; whether its chain holds, and all of it as a file. */
import { type FormEvent, useCallback, useEffect, useState } from 'react';
import { address } from '../shared/root.ts';
import { useSaid } from '../shared/use-said.ts';
import { t } from '../texts/texts.ts';
import { type AuditLineModel, adminApi } from './admin-api.ts';
import { auditColumns } from './audit-columns.tsx';
import { type AuditFilter, auditQuery } from './audit-query.ts';
import { DataTable } from './data-table.tsx';
import { ta } from './texts.ts';

const NOTHING: AuditFilter = { event: '', person: '', from: '', until: '' };
const COLUMNS = auditColumns();
const idOf = ({ seq }: AuditLineModel) => String(seq);
const AS_THEY_CAME = { column: '', down: false };

interface Read {
  readonly lines: readonly AuditLineModel[];
  readonly next: number | null;
}

export function AuditView() {
  const { said, act } = useSaid();
  const [filter, setFilter] = useState(NOTHING);
  const [events, setEvents] = useState<Readonly<Record<string, string>>>({});
  const [read, setRead] = useState<Read>();
  const load = useCallback(
    (wanted: AuditFilter, known?: Read) =>
      act(
        async () => {
          const page = await adminApi.audit(auditQuery(wanted, known?.next ?? undefined));
          setEvents(page.events);
          const lines = [...(known?.lines ?? []), ...page.lines];
          setRead({ lines, next: page.next });
          return lines.length;
        },
        (count) => ta.lines(count),
      ),
    [act],
  );
  useEffect(() => void load(NOTHING), [load]);
  const find = (event: FormEvent) => {
    event.preventDefault();
    void load(filter);
  };
  const check = () =>
    void act(adminApi.checkAudit, ({ lines, flaws }) => {
      if (flaws.length > 0) throw new Error(ta.flaws(flaws.join('; ')));
      return ta.holds(lines);
    });
  const field = (name: keyof AuditFilter, label: string, type: string) => (
    <label>
      {label}
      <input
        type={type}
        value={filter[name]}
        maxLength={100}
        onChange={(event) => setFilter({ ...filter, [name]: event.target.value })}
      />
    </label>
  );
  return (
    <section aria-label={ta.audit}>
      <form className="line" onSubmit={find}>
        <label>
          {ta.event}
          <select value={filter.event} onChange={(event) => setFilter({ ...filter, event: event.target.value })}>
            <option value="">{ta.allEvents}</option>
            {Object.entries(events).map(([name, meaning]) => (
              <option key={name} value={name} title={meaning}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {field('person', ta.who, 'text')}
        {field('from', ta.from, 'date')}
        {field('until', ta.until, 'date')}
        <button type="submit" className="main">
          {t.search}
        </button>
      </form>
      <p className={said.bad ? 'said bad' : 'said'} role="status">
        {said.text}
      </p>
      {read !== undefined && (
        <>
          <DataTable
            label={ta.audit}
            className="log"
            rows={read.lines}
            columns={COLUMNS}
            idOf={idOf}
            nameOf={idOf}
            first={AS_THEY_CAME}
          />
          {read.lines.length === 0 && <p className="nothing">{ta.noLines}</p>}
          <div className="new">
            {read.next !== null && (
              <button type="button" onClick={() => void load(filter, read)}>
                {ta.more}
              </button>
            )}
            <button type="button" onClick={check}>
              {ta.check}
            </button>
            <a href={address('api/admin/audit/export')} download="audit.jsonl">
              {ta.export}
            </a>
          </div>
        </>
      )}
    </section>
  );
}
