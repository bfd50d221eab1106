/** Where an attack runs: a worksheet of a real Carrel, or the weak container that shows that the attacks can succeed. */

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
  /** Bytes of output kept of one cell. */
  readonly outputBytes: number;
}

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
  /** Id of the container, as the engine tells it; undefined when there is none. */
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
