/** What the kernel does and takes, why there is none, and what is about to go wrong. */
import { useRef } from 'react';
import type { SandboxUsage, SandboxWait, Sleep } from '../../../src/wire/execution-facts.ts';
import type { WorksheetKernelState } from '../../../src/wire/worksheet-protocol.ts';
import { size } from '../shared/size.ts';
import { usePart, useValue } from '../shared/value.ts';
import { locale, t } from '../texts/texts.ts';
import { useWorksheet } from './hooks.ts';
import { VariablesList } from './variables-list.tsx';

const stateText = (state: WorksheetKernelState | undefined): string =>
  ({
    none: t.kernelNone,
    starting: t.kernelStarting,
    idle: t.kernelIdle,
    busy: t.kernelBusy,
    restarting: t.kernelRestarting,
    lost: t.kernelLost,
    unknown: t.kernelUnknown,
  })[state ?? 'unknown'];

/** `title`: of the kernelspec, until the line has told it. */
export function KernelState({ title }: { title: string }) {
  const worksheet = useWorksheet();
  const status = usePart(worksheet.connection.shownRun, (shown) => shown.status);
  const line = usePart(worksheet.connection.save, (save) => save.line);
  const withdrawn = useValue(worksheet.connection.withdrawn);
  const known = line === 'live' ? status?.kernel : undefined;
  const asleep = known === 'none' && status?.asleep !== undefined;
  if (withdrawn) return null;
  return (
    <section className="kernel" aria-label={t.kernel}>
      <p className="kernel-state" data-state={known ?? 'unknown'}>
        <span className="dot" aria-hidden="true" />
        <button
          type="button"
          className="kernel-title"
          aria-haspopup="dialog"
          title={t.execution.kernelMenu}
          onClick={() => worksheet.kernelMenu.set(true)}
        >
          {status?.kernelspec.title ?? title}
        </button>{' '}
        <span>{asleep ? t.execution.asleep : stateText(known)}</span>
      </p>
      {known !== undefined && status?.usage !== undefined && <Usage usage={status.usage} />}
    </section>
  );
}

export function KernelReason() {
  const { connection, problem } = useWorksheet();
  const status = useValue(connection.status);
  const usage = status?.usage;
  /** What was refused for the same reason says it already. */
  const refused = useValue(problem);
  return (
    <div className="reasons">
      <div role="status">
        {status?.asleep !== undefined ? (
          <p className="reason">{sleepText(status.asleep)}</p>
        ) : (
          status !== undefined &&
          status.reason !== '' &&
          status.reason !== refused && <p className="reason">{status.reason}</p>
        )}
      </div>
      {status?.waits !== undefined && <p className="reason">{waitText(status.waits)}</p>}
      <p role="status" className="for-readers">
        {status?.waits === undefined ? '' : t.execution.waits}
      </p>
      {/* It stands there before it has a text: what is put into it then is read out. */}
      <p role="alert" className="for-readers">
        {usage?.short === undefined ? '' : t.memoryHigh}
      </p>
      {usage?.short !== undefined && <MemoryShort usage={usage} />}
    </div>
  );
}

/** Numbers and names change while memory fills: only the alert is read out. */
function MemoryShort({ usage: { memory, limit, short } }: { usage: SandboxUsage }) {
  return (
    <section className="reason high" aria-label={t.memory}>
      <p>
        {t.memoryHigh} {t.memoryOf(size(memory), size(limit))}.
      </p>
      {short !== undefined && <VariablesList variables={short.variables} />}
    </section>
  );
}

const clock = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });

/** Numbers change twice a second: they are seen, and not read out. */
function waitText({ place, of, expectedMs }: SandboxWait): string {
  const seconds = Math.ceil(expectedMs / 1000);
  return `${t.execution.waits} ${t.execution.waitsAt(place, of)} ${seconds > 0 ? t.execution.waitsFor(seconds) : ''}`;
}

export function sleepText({ since, by }: Sleep): string {
  const at = new Date(since);
  const when = (at.toDateString() === new Date().toDateString() ? clock : day).format(at);
  return by === 'idle' ? t.execution.asleepIdle(when) : t.execution.asleepLife(when);
}

function Usage({ usage }: { usage: SandboxUsage }) {
  const percent = useCpu(usage.cpu);
  return (
    <p className="usage" data-short={usage.short !== undefined || undefined}>
      <meter
        aria-label={t.memory}
        min={0}
        max={usage.limit}
        value={usage.memory}
        low={usage.limit * 0.6}
        high={usage.limit * 0.8}
        optimum={0}
      />
      <span>{t.memoryOf(size(usage.memory), size(usage.limit))}</span>
      <span className="cpu">{t.cpu(percent)}</span>
    </p>
  );
}

/** Milliseconds without a change of the processor time, after which nothing computes. */
const REST = 4000;

/** Percent of one processor between the last two statuses that came at least half a second apart. */
function useCpu(cpu: number): number {
  const last = useRef({ at: performance.now(), cpu, percent: 0 });
  const passed = performance.now() - last.current.at;
  if (passed > 500 && (cpu !== last.current.cpu || passed > REST)) {
    const spent = cpu - last.current.cpu;
    const percent = spent >= 0 ? Math.round(spent / 10 / passed) : 0;
    last.current = { at: performance.now(), cpu, percent };
  }
  return last.current.percent;
}
