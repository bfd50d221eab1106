import { expect, test } from 'vitest';
import { attack } from './judge.ts';
import { newMarks } from './source.ts';
import type { Fetched, Ran, Stage } from './stage.ts';

const marks = newMarks();
const report = (holes: readonly string[], facts: object = {}): Ran['report'] => ({
  ...{ attack: 'x', contained: holes.length === 0, evidence: 'told', holes },
  facts: { ...facts },
});
const ran = (change: Partial<Ran>): Ran => ({
  ...{ report: report([]), tail: '', relayed: 0, largest: 0, forged: [], death: undefined },
  ...change,
});

interface Told extends Partial<Stage> {
  readonly is?: Partial<Ran>;
  readonly fetched?: Fetched;
}

function stage({ is = {}, fetched = { refused: 'no' }, ...change }: Told): Stage & { replaced: number } {
  const made = {
    limits: { memoryMib: 512, cpus: 1, pids: 128, openFiles: 1024, inodes: 8192, outputBytes: 1000 },
    replaced: 0,
    run: async () => ran(is),
    neighbour: async () => ran({ tail: 'inotify True pipe 65536' }),
    answers: async () => true,
    neighbourAnswers: async () => true,
    replace: async () => {
      made.replaced += 1;
    },
    interrupt: async () => {},
    restart: async () => {},
    fetch: async () => fetched,
    list: async () => 1,
    container: async () => 'one',
    processorSeconds: async () => 0,
    [Symbol.asyncDispose]: async () => {},
    ...change,
  };
  return made;
}

const holes = async (name: string, told: Told) => (await attack(stage(told), name, marks)).holes;

test('AK3 what a cell says of itself counts where it admits a hole', async () => {
  expect(await holes('mounts', {})).toEqual([]);
  expect(await holes('mounts', { is: { report: report(['chroot succeeded']) } })).toEqual(['chroot succeeded']);
});

test('AK3 silence is no proof, but for attacks that may end their own kernel', async () => {
  const silent = { report: undefined, tail: 'half a li' };
  expect(await holes('mounts', { is: silent })).toEqual([expect.stringContaining('half a li')]);
  expect(await holes('mem_bomb', { is: { ...silent, death: 'OutOfMemory' } })).toEqual([]);
});

test('AK3 a worksheet that does not answer, a forged message, and a neighbour that was hit are holes', async () => {
  expect(await holes('mounts', { answers: async () => false })).toEqual([expect.stringContaining('does not answer')]);
  expect(await holes('frame_forgery', { is: { forged: ['status'] } })).toEqual(['forged: status']);
  expect(await holes('mem_bomb', { neighbourAnswers: async () => false })).toEqual(['the neighbour was hit']);
});

test('AK3 output, processor time and the neighbour’s share are measured from outside', async () => {
  expect(await holes('output_flood', { is: { relayed: 5000 } })).toEqual([expect.stringContaining('5000 bytes')]);
  let seconds = 0;
  const processorSeconds = async () => {
    seconds += 500;
    return seconds;
  };
  expect(await holes('cpu_quota', { processorSeconds })).toHaveLength(1);
  const starved = { neighbour: async () => ran({ tail: 'inotify False pipe 4096' }) };
  expect(await holes('uid_quota', starved)).toEqual(['neighbour: inotify False pipe 4096']);
});

test('AK3 another container than before is a hole where the agent must live', async () => {
  let asked = 0;
  const container = async () => (asked++ === 0 ? 'one' : 'another');
  expect(await holes('pid1_signals', { container })).toEqual(['the container died']);
});

test('AK3 a file that is fetched must be the cell’s own, within its bound and in time', async () => {
  const is = { report: report([], { fetch: ['environment.txt'] }) };
  const of = (fetched: Fetched) => holes('transfer_links', { is, fetched });
  expect(await of({ begins: 'plain', bytes: 5 })).toEqual([]);
  expect(await of({ refused: 'a part of its path is a link' })).toEqual([]);
  expect(await of({ begins: 'PATH=/bin\0HOME=/', bytes: 20 })).toEqual([expect.stringContaining('only the agent')]);
  expect(await of({ begins: '', bytes: 2 ** 30 })).toHaveLength(1);
  expect(await of({ refused: 'no answer within 8 s', late: true })).toHaveLength(1);
});

test('AK3 the sandbox in which a hole was found is not used again', async () => {
  const used = stage({ is: { report: report(['a hole']) } });
  await attack(used, 'mounts', marks);
  expect(used.replaced).toBe(1);
});
