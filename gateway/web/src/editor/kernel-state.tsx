/** What the kernel does and needs, and why there is none. */
import { useRef } from 'react';
import type { WorksheetKernelState, WorksheetStatus } from '../../../src/wire/worksheet-protocol.ts';
import { useValue } from '../shared/value.ts';
import { language, t } from '../texts/texts.ts';
import { useWorksheet } from './hooks.ts';

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

export function KernelState({ title }: { title: string }) {
  const { connection } = useWorksheet();
  const status = useValue(connection.status);
  const { line } = useValue(connection.save);
  const known = line === 'live' ? status?.kernel : undefined;
  return (
    <section className="kernel" aria-label={t.kernel}>
      <p className="kernel-state" data-state={known ?? 'unknown'}>
        <span className="dot" aria-hidden="true" />
        <span className="kernel-title">{title}</span> <span>{stateText(known)}</span>
      </p>
      {known !== undefined && status?.usage !== undefined && <Usage usage={status.usage} />}
    </section>
  );
}

export function KernelReason() {
  const { connection } = useWorksheet();
  const status = useValue(connection.status);
  const high = status?.usage !== undefined && status.usage.memory > 0.8 * status.usage.limit;
  return (
    <div className="reasons" role="status">
      {status !== undefined && status.reason !== '' && <p className="reason">{status.reason}</p>}
      {high && <p className="reason high">{t.memoryHigh}</p>}
    </div>
  );
}

const bytes = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
/** MiB, or GiB from there on. */
const size = (value: number): string =>
  value < 2 ** 30 ? `${Math.round(value / 2 ** 20)} MiB` : `${bytes.format(value / 2 ** 30)} GiB`;

function Usage({ usage }: { usage: NonNullable<WorksheetStatus['usage']> }) {
  const percent = useCpu(usage.cpu);
  return (
    <p className="usage">
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
      {percent !== undefined && <span className="cpu">{t.cpu(percent)}</span>}
    </p>
  );
}

/** Percent of one processor between the last two statuses that came at least half a second apart. */
function useCpu(cpu: number): number | undefined {
  const last = useRef({ at: performance.now(), cpu, percent: undefined as number | undefined });
  const passed = performance.now() - last.current.at;
  if (passed > 500 && cpu !== last.current.cpu) {
    const spent = cpu - last.current.cpu;
    const percent = spent >= 0 ? Math.round(spent / 10 / passed) : undefined;
    last.current = { at: performance.now(), cpu, percent };
  }
  return last.current.percent;
}
