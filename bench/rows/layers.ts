/**
 * Where the time of one cell goes. Five paths are run in turn, each with one layer less; what a layer takes is the difference of
 * two paths in the same round. Beside it the processor time that each process used for a cell of the whole path.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../gateway/src/base/clock.ts';
import { isPolicyName, newKernelId, worksheetOfKernel } from '../../gateway/src/base/ids.ts';
import { silentLogger } from '../../gateway/src/base/ports.ts';
import { Scope } from '../../gateway/src/base/scope.ts';
import { WardenClient } from '../../gateway/src/sandbox/warden-client.ts';
import type { Carrel } from '../../test/support/carrel.ts';
import { AgentStream } from '../support/agent-stream.ts';
import type { Channels } from '../support/client.ts';
import { containersOf } from '../support/containers.ts';
import { figure, type Table } from '../support/figure.ts';
import { Echo, Lines, LoneContainers } from '../support/lone-container.ts';
import { Processors } from '../support/processors.ts';
import type { Row } from '../support/row.ts';
import { openKernel } from '../support/server.ts';
import { withCarrel } from '../support/stage.ts';
import { median } from '../support/stats.ts';

const CODE = '1+1';
/** About what one request is; the answers are some times that. */
const ECHO_BYTES = 1024;
const ALONE = [
  '/usr/bin/python3',
  '-I',
  '-c',
  readFileSync(join(import.meta.dirname, '../support/kernel_alone.py'), 'utf8'),
];
const CAT = ['/bin/cat'];

type Path = 'whole' | 'warden' | 'engine' | 'echo' | 'kernel' | 'ping';
type Round = Record<Path, number>;

interface Paths {
  readonly channels: Channels;
  readonly warden: AgentStream;
  readonly engine: AgentStream;
  readonly echo: Echo;
  readonly kernel: Lines;
}

async function repeat(count: number, once: () => Promise<number>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < count; i += 1) times.push(await once());
  return median(times);
}

async function oneRound(paths: Paths, count: number): Promise<Round> {
  const { channels, warden, engine, echo, kernel } = paths;
  return {
    whole: await repeat(count, async () => (await channels.run(CODE)).took),
    warden: await repeat(count, () => warden.run(CODE)),
    engine: await repeat(count, () => engine.run(CODE)),
    echo: await repeat(count, () => echo.run()),
    kernel: median(JSON.parse(await kernel.ask(String(count))) as number[]),
    ping: await repeat(count, () => channels.ping()),
  };
}

async function measure(carrel: Carrel, policies: string, rounds: number, count: number) {
  const whole = await openKernel(carrel);
  const [container = ''] = await containersOf(carrel);
  const lone = await LoneContainers.of(policies);
  await using behindWarden = await wardenSandbox(carrel);
  await using ownAgent = await lone.start();
  await using ownEcho = await lone.start(CAT);
  await using ownKernel = await lone.start(ALONE);
  const paths: Paths = {
    channels: whole.channels,
    warden: await AgentStream.start(behindWarden.stream),
    engine: await AgentStream.start(ownAgent.stream),
    echo: new Echo(ownEcho.stream, ECHO_BYTES),
    kernel: new Lines(ownKernel.stream),
  };
  await paths.kernel.next();
  await oneRound(paths, count);
  const all: Round[] = [];
  for (let turn = 0; turn < rounds; turn += 1) all.push(await oneRound(paths, count));
  const processors = await Processors.of(carrel, container);
  const cells = rounds * count;
  const times = await processors.during(async () => {
    for (let i = 0; i < cells; i += 1) await whole.channels.run(CODE);
  });
  const used = times.map(([name, ms]) => [name, ms / cells] as const);
  return { all, used, cells };
}

/** A sandbox of this Carrel's warden of which its gateway knows nothing. */
async function wardenSandbox(carrel: Carrel) {
  const client = new WardenClient(join(carrel.data, 'warden.sock'), systemClock, silentLogger);
  const scope = () => Scope.withDeadline('a sandbox of the benchmark', 60_000);
  const policy = 'standard';
  if (!isPolicyName(policy)) throw new Error(`${policy} is no policy's name`);
  const { id } = await client.open(policy, worksheetOfKernel(newKernelId()), scope());
  const stream = await client.stream(id);
  return { stream, [Symbol.asyncDispose]: () => client.close(id, scope()) };
}

function tableOf(all: readonly Round[], used: readonly (readonly [string, number])[], cells: number): Table {
  const of = (pick: (round: Round) => number) => median(all.map(pick)).toFixed(2);
  const time = (...names: string[]) => {
    const found = used.filter(([name]) => names.includes(name));
    return found.length === 0 ? '' : found.reduce((sum, [, ms]) => sum + ms, 0).toFixed(2);
  };
  return {
    name: 'layers',
    title: "Where one execute's time goes",
    head: ['layer', 'adds, ms (p50)', 'as the difference of', 'processor time of its processes, ms'],
    rows: [
      [
        'client and gateway',
        of(({ whole, warden }) => whole - warden),
        'the whole path − the stream at the warden',
        `client ${time('client')}, gateway ${time('gateway')}`,
      ],
      ['of it the WebSocket', of(({ ping }) => ping), 'a WebSocket ping and its pong', ''],
      [
        'warden',
        of(({ warden, engine }) => warden - engine),
        'the stream at the warden − at the engine',
        time('warden'),
      ],
      [
        'engine and shim',
        of(({ echo }) => echo),
        `${ECHO_BYTES} bytes through a container that runs cat, and back`,
        `engine ${time('engine')}, shim ${time('shim')}`,
      ],
      [
        'agent',
        of(({ engine, echo, kernel }) => engine - echo - kernel),
        'the stream at the engine − cat − the kernel alone',
        time('agent'),
      ],
      [
        'kernel',
        of(({ kernel }) => kernel),
        'the kernel alone, over its socketpair, in a container like the others',
        time('kernel', 'bridge'),
      ],
      [
        'whole path',
        of(({ whole }) => whole),
        'WebSocket to WebSocket',
        used.reduce((sum, [, ms]) => sum + ms, 0).toFixed(2),
      ],
    ],
    notes: [
      `medians of ${all.length} rounds in which every path runs in turn; a layer's time is the median of its differences in each round`,
      `processor time: of all threads, by the scheduler's account, over ${cells} cells of the whole path; processes run side by side, so the sum may exceed the round trip`,
      'the kernel alone and the agent each answer with several small writes; what engine and shim take more for these than for one echo is counted as the agent',
    ],
  };
}

export const layers: Row = {
  name: 'layers',
  suite: 'figures',
  title: "the gateway's and warden's own share of an execute, and where its time goes",
  async measure(bench) {
    const [rounds, count] = bench.quick ? [3, 20] : [20, 50];
    return await withCarrel(bench, {}, async (carrel, policies) => {
      const { all, used, cells } = await measure(carrel, policies, rounds, count);
      return {
        figures: [
          figure({
            name: 'share',
            title: "the gateway's and warden's own share of an execute",
            how: `median of ${count} cells by WebSocket − median of ${count} cells on the agent's stream straight from the engine, in the same round; the value is that of a round`,
            unit: 'ms',
            samples: all.map(({ whole, engine }) => whole - engine),
            targets: { p50: 0.5 },
          }),
        ],
        tables: [tableOf(all, used, cells)],
      };
    });
  },
};
