/** Runs the catalogue, or a part of it, on a stage and answers row by row. */
import { type Attack, attacks } from './catalogue.ts';
import { attack } from './judge.ts';
import { wordsOf } from './source.ts';
import type { Marks, Stage } from './stage.ts';

/** `accepted`: what got through is what the catalogue accepts, with the reason. `not-run`: nothing is known. */
export type AttackVerdict = 'contained' | 'accepted' | 'open' | 'not-run';

export interface Row {
  readonly name: string;
  /** Name of its class. */
  readonly kind: string;
  readonly tries: string;
  /** What must be seen for it to count as contained. */
  readonly judged: string;
  readonly threat: string;
  readonly cve: readonly string[];
  readonly verdict: AttackVerdict;
  /** What got through and is not accepted. */
  readonly holes: readonly string[];
  /** What got through and is accepted, with the reason. */
  readonly accepted?: { readonly holes: readonly string[]; readonly why: string };
  readonly evidence: string;
  readonly seconds: number;
}

/** How a kernel's own surface is judged: gVisor answers much by itself. */
export type Surface = 'runc' | 'gvisor';

export const surfaceOf = (runtime: string): Surface => (/^runsc($|-)/.test(runtime) ? 'gvisor' : 'runc');

/** So many in a row that could not be run: there is no engine any more, and each of the others would wait for it. */
const GIVE_UP = 3;

/**
 * In the catalogue's order. A row is there as soon as its attack has ended; nothing runs after `signal` aborts, or after three in a row
 * that could not be run.
 */
export async function* runAttacks(
  stage: Stage,
  { marks, surface, signal }: { readonly marks: Marks; readonly surface: Surface; readonly signal: AbortSignal },
): AsyncGenerator<Row> {
  let failed = 0;
  for (const each of attacks) {
    if (signal.aborted || failed === GIVE_UP) return;
    const row = await runOne(stage, each, marks, surface);
    failed = row.verdict === 'not-run' ? failed + 1 : 0;
    yield row;
  }
}

async function runOne(stage: Stage, each: Attack, marks: Marks, surface: Surface): Promise<Row> {
  const { name, kind, threat, cve = [] } = each;
  const { tries, contained: judged } = wordsOf(name);
  const about = { name, kind, tries, judged, threat, cve };
  const begun = performance.now();
  const seconds = () => Math.round((performance.now() - begun) / 100) / 10;
  try {
    const { holes: found, evidence } = await attack(stage, name, marks);
    const accepts = each[surface];
    const known = found.filter((hole) => accepts?.holes.test(hole));
    const holes = found.filter((hole) => !known.includes(hole));
    const verdict = holes.length > 0 ? 'open' : known.length > 0 ? 'accepted' : 'contained';
    const accepted = accepts !== undefined && known.length > 0 ? { accepted: { holes: known, why: accepts.why } } : {};
    return { ...about, verdict, holes, ...accepted, evidence, seconds: seconds() };
  } catch (error) {
    const evidence = `it could not be run: ${error instanceof Error ? error.message : String(error)}`;
    await stage.replace().catch(() => {});
    return { ...about, verdict: 'not-run', holes: [], evidence, seconds: seconds() };
  }
}
