/** The lines for programs; docs/admin/doctor.md describes this shape, and `version` counts its changes. */
import type { Line, Verdict } from './check.ts';
import type { Result } from './run.ts';

export interface DoctorReport {
  readonly version: 1;
  /** Of Carrel. */
  readonly program: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly status: 0 | 1 | 2;
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly lines: readonly Line[];
}

export const doctorReport = ({ lines, counts, status }: Result, at: number, program: string): DoctorReport => ({
  version: 1,
  program,
  at: new Date(at).toISOString(),
  status,
  counts,
  lines,
});
