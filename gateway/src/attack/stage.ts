/** Where an attack runs: a sandbox that a warden made, or the weak container of the tests that shows that the attacks can succeed. */

import type { Policy } from '../config/policy.ts';

/** The line with which an attack ends. */
export interface Report {
  readonly attack: string;
  readonly contained: boolean;
  readonly evidence: string;
  /** What got through, one by one; only our own attacks tell. */
  readonly holes?: readonly string[];
  readonly facts?: Readonly<Record<string, unknown>>;
}

/** One run of a source, as seen from outside. */
export interface Ran {
  /** Undefined when the cell ended without its report. */
  readonly report: Report | undefined;
  /** The last 16 000 characters of output. */
  readonly tail: string;
  /** Bytes that arrived because of this run, and the size of the largest message among them. */
  readonly relayed: number;
  readonly largest: number;
  /** What arrived as something else than output of this cell though the cell had made it. */
  readonly forged: readonly string[];
  /** What the worksheet says about the kernel's death, when it died. */
  readonly death: string | undefined;
}

export interface Limits {
  readonly memoryMib: number;
  readonly cpus: number;
  /** Processes and threads; files of one process; files of the largest place. */
  readonly pids: number;
  readonly openFiles: number;
  readonly inodes: number;
  /** Bytes of output kept of one cell. */
  readonly outputBytes: number;
}

export const limitsOf = ({ memory, cpus, pids, openFiles, tmp, home, shm, output }: Policy): Limits => ({
  ...{ cpus, pids, openFiles, memoryMib: memory / 2 ** 20, outputBytes: output.perCell },
  inodes: Math.max(tmp.inodes, home.inodes, shm.inodes),
});

/** What came of fetching a file as people fetch files of their worksheets: its beginning, or the words of the refusal. */
export type Fetched =
  | { readonly begins: string; readonly bytes: number }
  /** `late`: no answer came in time. */
  | { readonly refused: string; readonly late?: boolean };

export interface Stage extends AsyncDisposable {
  readonly limits: Limits;
  /** Runs a source; a run that does not end within the time is interrupted by `death`. */
  run(source: string, seconds?: number): Promise<Ran>;
  /** Runs a source as the neighbour, beside this worksheet. */
  neighbour(source: string): Promise<Ran>;
  /** Whether 1+1 is 2 here, within a time that allows for a restart. */
  answers(): Promise<boolean>;
  /** Whether the neighbour's service is there and gives its mark. */
  neighbourAnswers(): Promise<boolean>;
  /** Ends this worksheet: the next run gets a fresh one. */
  replace(): Promise<void>;
  interrupt(): Promise<void>;
  restart(): Promise<void>;
  /** Fetches a file of the home folder. Never throws. */
  fetch(path: string): Promise<Fetched>;
  /** Lists the home folder as the keeper of files does; answers the number of files, or the refusal. */
  list(): Promise<number | Extract<Fetched, { refused: string }>>;
  /** Names the container; another one when the worksheet got a new one. Undefined when there is none. */
  container(): Promise<string | undefined>;
  /** Processor time of the whole container in seconds, as the engine counts it. */
  processorSeconds(): Promise<number>;
}

/** The marks that a stage plants; attacks get them reversed, so that they never find their own source. */
export interface Marks {
  readonly mark: string;
  readonly forgery: string;
  readonly port: number;
}

/**
 * The last report in an output. It need not begin a line or end the output: what a cell writes to its descriptors and what it
 * prints reach the client on different ways.
 */
export function findReport(text: string): Report | undefined {
  for (let at = text.length; at > 0; ) {
    at = text.lastIndexOf('{"attack"', at - 1);
    if (at < 0) return undefined;
    try {
      return JSON.parse(text.slice(at).split('\n', 1)[0] ?? '') as Report;
    } catch {
      // A line that was cut, or continues with something else, is not a report.
    }
  }
  return undefined;
}
