/** Judges the samples of a long run: what would grow without end has no place in them. Pure. */
import type { Holding, Sample } from './watch.ts';

const MiB = 2 ** 20;

/**
 * Most that memory may grow, by the line fitted to the samples after the warm-up: over the whole run, in bytes. A heap that is
 * collected now and then moves by this much without growing.
 */
const MOST = { gateway: 48 * MiB, warden: 16 * MiB, agent: 4 * MiB };
/** A kernel keeps its history: inputs, their compiled source, results. Bytes for each cell. */
const MOST_PER_CELL = 16_384;
/** What a kernel's heap moves by, whatever it executes. */
const KERNEL_HEAP = 16 * MiB;
/** Connections that HTTP clients keep open for a while. */
const FDS = 16;
/** The share of the run that is warm-up: first imports, caches that fill. */
const WARM_UP = 0.25;

export interface Finding {
  readonly what: string;
  readonly grown: number;
  readonly most: number;
}

/** Every measure with its bound, in bytes or in numbers. */
export function findingsOf(samples: readonly Sample[]): Finding[] {
  const last = samples.at(-1)?.at ?? 0;
  const warm = samples.filter(({ at }) => at >= last * WARM_UP);
  const findings = [
    memory(
      'gateway',
      warm.map((sample) => [sample.at, sample.gateway]),
      MOST.gateway,
    ),
    memory(
      'warden',
      warm.map((sample) => [sample.at, sample.warden]),
      MOST.warden,
    ),
    descriptors(
      'gateway',
      warm.map(({ gateway }) => gateway),
    ),
    descriptors(
      'warden',
      warm.map(({ warden }) => warden),
    ),
  ];
  for (const pid of pidsOf(warm.flatMap(({ agents }) => agents))) {
    const own = warm.flatMap((sample) =>
      sample.agents.filter((agent) => agent.pid === pid).map((agent) => [sample.at, agent] as const),
    );
    findings.push(
      memory(`agent ${pid}`, own, MOST.agent),
      descriptors(
        `agent ${pid}`,
        own.map(([, agent]) => agent),
      ),
    );
  }
  for (const pid of pidsOf(warm.flatMap(({ kernels }) => kernels))) {
    const own = warm.flatMap(({ kernels }) => kernels.filter((kernel) => kernel.pid === pid));
    const cells = (own.at(-1)?.cells ?? 0) - (own[0]?.cells ?? 0);
    const line = own.map((kernel) => [kernel.cells, kernel] as const);
    findings.push(memory(`kernel ${pid}, ${cells} cells`, line, KERNEL_HEAP + MOST_PER_CELL * cells));
    findings.push(descriptors(`kernel ${pid}`, own));
    for (const what of ['threads', 'children'] as const) {
      const numbers = own.map((kernel) => kernel[what]);
      findings.push({
        what: `${what} of kernel ${pid}`,
        grown: (numbers.at(-1) ?? 0) - Math.min(...numbers),
        most: THREADS,
      });
    }
  }
  return findings;
}

/** Of a pool of threads that asyncio keeps for what blocks. */
const THREADS = 6;

const pidsOf = (holdings: readonly Holding[]) => new Set(holdings.map(({ pid }) => pid));

function memory(what: string, line: readonly (readonly [number, Holding])[], most: number): Finding {
  return { what: `memory of ${what}`, grown: growth(line.map(([at, { memory: bytes }]) => [at, bytes])), most };
}

function descriptors(what: string, holdings: readonly Holding[]): Finding {
  const numbers = holdings.map((holding) => holding.fds);
  return { what: `descriptors of ${what}`, grown: (numbers.at(-1) ?? 0) - Math.min(...numbers), most: FDS };
}

/** How much y grows from the first to the last x, along the line of least squares. Few points tell nothing: 0. */
export function growth(points: readonly (readonly [x: number, y: number])[]): number {
  if (points.length < 4) return 0;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([a]) => a)), mean(points.map(([, b]) => b))];
  const spread = points.reduce((sum, [a]) => sum + (a - x) ** 2, 0);
  if (spread === 0) return 0;
  const slope = points.reduce((sum, [a, b]) => sum + (a - x) * (b - y), 0) / spread;
  return slope * ((points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0));
}
