/** How long a cell ran and when; while it runs, how long already. */
import { useEffect, useState } from 'react';
import { cellMetadata, type YCell } from '../document/schema.ts';
import { duration } from '../shared/duration.ts';
import { usePart } from '../shared/value.ts';
import { locale, t } from '../texts/texts.ts';
import { useWorksheet } from './hooks.ts';
import type { RunState } from './run-state.ts';
import { lasted, type RunTimes, runTimes } from './timing-state.ts';

const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const exact = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'medium' });

function lastedText(milliseconds: number): string {
  const time = lasted(milliseconds);
  switch (time.in) {
    case 'seconds':
      if (time.seconds === 0) return t.seconds(`< ${(0.01).toLocaleString(locale)}`);
      return t.seconds(time.seconds.toLocaleString(locale, { minimumFractionDigits: time.digits }));
    case 'minutes':
      return t.minutes(time.minutes, time.seconds);
    case 'hours':
      return t.hours(time.hours, time.minutes);
  }
}

const isToday = (time: number): boolean => new Date(time).toDateString() === new Date().toDateString();

export function Timing({ cell, state }: { cell: YCell; state: RunState }) {
  if (state === 'running') return <Counting began={runTimes(cellMetadata(cell, 'execution'))?.began} />;
  const times = runTimes(cellMetadata(cell, 'execution'));
  return times?.ended === undefined || state === 'waiting' ? null : <Ran times={times} ended={times.ended} />;
}

function Ran({ times: { began }, ended }: { times: RunTimes; ended: number }) {
  const when = t.ranAt((isToday(began) ? clock : day).format(began));
  return (
    <p className="timing" title={t.ranTimes(exact.format(began), exact.format(ended))}>
      {t.ranFor(lastedText(ended - began))}, {when}
    </p>
  );
}

/**
 * The clocks of server and browser may differ: a run that begins while the page looks on is counted from then, one that was under
 * way already from its stamp.
 */
function Counting({ began }: { began: number | undefined }) {
  const limit = usePart(useWorksheet().connection.status, (status) => status?.kernelspec.cell);
  const [from] = useState(() => Math.min(began ?? Date.now(), Date.now()));
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <p className="timing" title={t.beganAt(exact.format(from))} aria-hidden="true">
      {t.runsFor(now - from < 60_000 ? t.seconds(String(Math.floor((now - from) / 1000))) : lastedText(now - from))}
      {limit !== undefined && ` ${t.execution.atMost(duration(limit))}`}
    </p>
  );
}
