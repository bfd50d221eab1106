/** Follows the chain of the audit log from its first line to its head and says what does not fit. */
import { type AuditLine, FIRST_PREVIOUS, flawOf } from '../base/audit.ts';
import type { AuditLines } from '../store/audit.ts';

/** A line that somebody noted earlier, or that another machine has. */
export type Anchor = Pick<AuditLine, 'seq' | 'hash'>;

export interface AuditVerdict {
  readonly lines: number;
  /** Lines whose address was forgotten with its person. */
  readonly forgotten: number;
  readonly head: Anchor;
  /** The first ones in words. */
  readonly flaws: readonly string[];
  readonly flawCount: number;
}

const MOST_TOLD = 20;

export async function checkAudit(store: Pick<AuditLines, 'all' | 'head'>, anchor?: Anchor): Promise<AuditVerdict> {
  /** Read first: lines that are added meanwhile lie behind it. */
  const head = await store.head();
  const flaws: string[] = [];
  let flawCount = 0;
  const tell = (flaw: string) => {
    flawCount += 1;
    if (flaws.length < MOST_TOLD) flaws.push(flaw);
  };
  let before: Anchor = { seq: 0, hash: FIRST_PREVIOUS };
  let lines = 0;
  let forgotten = 0;
  let anchored = anchor === undefined;
  for await (const line of store.all()) {
    const flaw = flawOf(line, before);
    if (flaw !== undefined) tell(flaw);
    if (line.seq === head.seq && line.hash !== head.hash) tell(`line ${line.seq} is not the one that was added last`);
    if (line.seq === anchor?.seq) {
      anchored = true;
      if (line.hash !== anchor.hash)
        tell(`line ${line.seq} is not the one that was noted: its hash was ${anchor.hash}`);
    }
    lines += 1;
    if (line.sealed !== null && line.address === null) forgotten += 1;
    before = { seq: line.seq, hash: line.hash };
  }
  if (before.seq < head.seq)
    tell(`lines ${before.seq + 1} to ${head.seq} are missing at the end: ${head.seq} were added`);
  if (!anchored) tell(`line ${anchor?.seq}, which was noted, is not there`);
  return { lines, forgotten, head: before, flaws, flawCount };
}
