/**
 * Sandboxes whose code has taken the agent over (`test/images/hostile-agent`). Whatever comes out of one: the gateway and the
 * warden live, the neighbour's worksheet works and hears nothing of it, and the worksheet itself can be ended or goes on in a
 * new sandbox.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { type Answer, type Kernel, type Message, openKernel, rest } from '../support/jupyter.ts';
import { restart, textOnce } from './support/cells.ts';
import { buildHostileImage, HOSTILE_IMAGE } from './support/docker.ts';
import { type Holdings, Host, peakRss } from './support/host.ts';
import { type PolicyFolder, policyFolder } from './support/policies.ts';
import { until } from './support/until.ts';

/** Breaks a rule of the stream: the gateway discards the sandbox, says so, and the worksheet goes on in another. */
const VIOLATIONS = [
  ['AF1', 'length-over'],
  ['AF1', 'length-greatest'],
  ['AF1', 'magic'],
  ['AF1', 'version'],
  ['AF1', 'kind'],
  ['AF1', 'flags'],
  ['AF1', 'random-bytes'],
  ['AF2', 'skipped-number'],
  ['AF2', 'greatest-number'],
  ['AF3', 'numbered-control'],
  ['AF4', 'endless-parts'],
  ['AF4', 'endless-empty-parts'],
  ['AF5', 'abort-with-body'],
  ['AF6', 'empty-body'],
  ['AF6', 'offset-count'],
  ['AF6', 'offsets-backwards'],
  ['AF6', 'offsets-beyond'],
  ['AF6', 'many-buffers'],
  ['AF10', 'hello-unasked'],
  ['AF7', 'control-not-json'],
  ['AF7', 'control-no-object'],
  ['AF7', 'control-unknown'],
  ['AF7', 'control-more-keys'],
  ['AF7', 'control-polluting'],
  ['AF7', 'control-deep'],
  ['AF7', 'control-huge'],
  ['AF7', 'control-wrong-types'],
  ['AF14', 'ack-of-unsent'],
] as const;

/** Within the rules, or a message that is of no use and left out: the cell ends as the agent says. */
const BORNE = [
  'honest',
  'replayed',
  'not-json',
  'not-utf8',
  'deep-header',
  'huge-header',
  'deep-content',
  'huge-content',
  'strange-channel',
  'strange-types',
  'acks-backwards',
] as const;

/** What counts is that nobody else notices and that the worksheet can be ended. */
const OTHERS = [
  'length-never-filled',
  'forged-parents',
  'wrong-order',
  'exit-then-talk',
  'control-flood',
  'message-flood',
  'silence',
  'deafness',
  'death',
] as const;

/** Misbehaviour before a kernel runs: the start is refused with a reason. */
const OPENINGS = [
  'never-ready',
  'no-hello',
  'wrong-nonce',
  'flood-before-nonce',
  'hello-of-the-future',
  'dies-when-attached',
  'never-started',
  'never-a-kernel',
] as const;

let policies: PolicyFolder;
let carrel: Carrel;
let host: Host;
let before: Holdings;
let neighbour: Kernel;
let pids: readonly number[];
/** Begun first and looked at last: a start that is never answered takes its time to be given up. */
let openings: Promise<{ mode: string; answer: Answer }[]>;
let stubborn: Promise<{ kernel: Kernel; answer: Answer }>;

beforeAll(async () => {
  await buildHostileImage();
  const opening = (mode: string) => [
    mode,
    { image: HOSTILE_IMAGE, memory: '128 MiB', ...SMALL, environment: { HOSTILE: mode } },
  ];
  policies = await policyFolder({
    hostile: { image: HOSTILE_IMAGE, memory: '768 MiB', output: { perCell: '1 MiB', rate: '100 MiB' } },
    stubborn: { image: HOSTILE_IMAGE },
    ...Object.fromEntries(OPENINGS.map(opening)),
  });
  carrel = await startCarrel({ CARREL_POLICIES: policies.path });
  host = await Host.of(carrel);
  await (await openKernel(carrel))[Symbol.asyncDispose]();
  before = await host.holdings();
  neighbour = await openKernel(carrel);
  await neighbour.run('secret = "of the neighbour"');
  pids = await processes();
  openings = Promise.all(OPENINGS.map(open));
  stubborn = restartOfSilence();
});

async function open(mode: string) {
  return { mode, answer: await rest(carrel, 'POST', '/api/kernels', { name: `python3-${mode}` }) };
}

async function restartOfSilence() {
  const kernel = await openKernel(carrel, { name: 'python3-stubborn' });
  kernel.execute('silence');
  return { kernel, answer: await restart(carrel, kernel) };
}

const SMALL = {
  tmp: { size: '8 MiB', inodes: 64 },
  home: { size: '8 MiB', inodes: 64 },
  shm: { size: '8 MiB', inodes: 64 },
  files: { size: '8 MiB', count: 50 },
};

afterAll(async () => {
  await carrel?.stop();
  await policies?.[Symbol.asyncDispose]();
});

const processes = () => Promise.all([carrel.pid('gateway'), carrel.pid('warden')]);
const openHostile = () => openKernel(carrel, { name: 'python3-hostile' });

/** The idle that follows the reply: of the contents that came before, some are no objects. */
const isEndOf = (message: Message, id: string) =>
  message.parent_header.msg_id === id && message.content?.execution_state === 'idle';

/** After every attack: nobody has died, the neighbour is as it was. */
async function nobodyElseNoticed(): Promise<void> {
  expect(await processes()).toEqual(pids);
  expect((await neighbour.run('print(secret)')).text).toBe('of the neighbour\n');
  expect(neighbour.closed).toBeUndefined();
  expect(JSON.stringify(neighbour.messages)).not.toContain('hostile-mark');
}

describe('breaking the rules of the stream', () => {
  test.each(VIOLATIONS)(
    '%s %s: the sandbox is discarded, the cell is told, and another takes over',
    async (_, attack) => {
      await using kernel = await openHostile();
      const old = await host.containers('hostile');
      const id = kernel.execute(attack);
      expect((await kernel.reply(id)).content.status).toBe('error');
      await until('the sandbox is discarded', async () => {
        const now = await host.containers('hostile');
        return old.every((container) => !now.includes(container));
      });
      expect((await kernel.run('honest')).reply.content.status).toBe('ok');
      await nobodyElseNoticed();
    },
  );
});

describe('within the rules', () => {
  test.each(BORNE)('%s: the cell ends as it says', async (attack) => {
    await using kernel = await openHostile();
    const old = await host.containers('hostile');
    const id = kernel.execute(attack);
    await kernel.until('the end of the cell', (message) => isEndOf(message, id));
    if (attack === 'replayed') expect(textOnce(kernel, id)).toBe('hostile-mark once\n');
    expect((await kernel.run('honest')).reply.content.status).toBe('ok');
    expect(await host.containers('hostile')).toEqual(old);
    await nobodyElseNoticed();
  });
});

describe('whatever else it does', () => {
  test.each(OTHERS)('%s: nobody else notices, and the worksheet can be ended', async (attack) => {
    const kernel = await openHostile();
    const peak = await peakRss(pids[0] ?? 0, async () => {
      kernel.execute(attack);
      await new Promise((next) => setTimeout(next, 1000));
      await nobodyElseNoticed();
    });
    expect(peak, 'resident memory of the gateway').toBeLessThan(before.gatewayRss + 500 * 2 ** 20);
    expect((await rest(carrel, 'DELETE', `/api/kernels/${kernel.id}`)).status).toBe(204);
    await until('its sandbox is removed', async () => (await host.containers('hostile')).length === 0);
    await nobodyElseNoticed();
  });
});

test('RL38 a restart that the agent leaves unanswered ends in another sandbox', async () => {
  const { kernel, answer } = await stubborn;
  expect(answer.status, answer.text).toBe(200);
  expect((await kernel.run('honest')).reply.content.status).toBe('ok');
  await kernel[Symbol.asyncDispose]();
});

test('misbehaviour before a kernel runs: each start is refused with a reason, and leaves nothing behind', async () => {
  for (const { mode, answer } of await openings) {
    expect([500, 503, 504], `${mode}: ${answer.text}`).toContain(answer.status);
    expect(answer.json.message, mode).not.toMatch(/unexpected condition|\n\s+at |\p{Cc}/u);
    await until(`the sandbox of ${mode} is removed`, async () => (await host.containers(mode)).length === 0);
  }
  await nobodyElseNoticed();
});

test('afterwards everything is back', async () => {
  await neighbour[Symbol.asyncDispose]();
  await host.backTo(before, 400 * 2 ** 20);
});
