/** When a cell ran and how long, from the stamps that JupyterLab and the gateway write into `metadata.execution`: pure. */

/** Milliseconds since 1970; `ended` is absent while it runs and where the run was cut off. */
export interface RunTimes {
  readonly began: number;
  readonly ended: number | undefined;
}

const BEGAN = ['shell.execute_reply.started', 'iopub.execute_input', 'iopub.status.busy'];
const ENDED = ['shell.execute_reply', 'iopub.status.idle'];

export function runTimes(execution: unknown): RunTimes | undefined {
  if (typeof execution !== 'object' || execution === null) return undefined;
  const stamps = execution as Readonly<Record<string, unknown>>;
  const first = (names: readonly string[]): number | undefined =>
    names.map((name) => Date.parse(String(stamps[name]))).find(Number.isFinite);
  const began = first(BEGAN);
  if (began === undefined) return undefined;
  const ended = first(ENDED);
  return { began, ended: ended === undefined || ended < began ? undefined : ended };
}

export type Lasted =
  | { readonly in: 'seconds'; readonly seconds: number; readonly digits: 0 | 1 | 2 }
  | { readonly in: 'minutes'; readonly minutes: number; readonly seconds: number }
  | { readonly in: 'hours'; readonly hours: number; readonly minutes: number };

/** As exact as is of use: hundredths below a second, whole seconds from ten on. */
export function lasted(milliseconds: number): Lasted {
  const seconds = Math.max(milliseconds, 0) / 1000;
  if (seconds < 59.5) {
    const digits = seconds < 0.995 ? 2 : seconds < 9.95 ? 1 : 0;
    return { in: 'seconds', seconds: Number(seconds.toFixed(digits)), digits };
  }
  const whole = Math.round(seconds);
  if (whole < 3600) return { in: 'minutes', minutes: Math.floor(whole / 60), seconds: whole % 60 };
  const minutes = Math.round(whole / 60);
  return { in: 'hours', hours: Math.floor(minutes / 60), minutes: minutes % 60 };
}
