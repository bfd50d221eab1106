import { describe, expect, it } from 'vitest';
import { ManualClock } from '../base/clock.ts';
import type { FileControl, GatewayControl } from '../wire/agent-control.ts';
import { FileTransfers, SandboxFileError } from './file-transfers.ts';

type Step = { readonly asked: GatewayControl } | { readonly piece: Buffer; readonly transfer: number };

/** Both ends: what the gateway says is written down, what the agent says is up to the test. */
class Line {
  readonly clock = new ManualClock();
  readonly steps: Step[] = [];
  readonly files = new FileTransfers({
    control: (asked) => void this.steps.push({ asked }),
    piece: (transfer, piece) => void this.steps.push({ piece, transfer }),
    clock: this.clock,
  });

  constructor() {
    this.files.attached(true);
  }

  /** What was asked since the last look, after everything that was ready to run has run. */
  async asked(): Promise<string[]> {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    return this.steps
      .splice(0)
      .map((step) =>
        'asked' in step
          ? `${step.asked.type} ${'transfer' in step.asked ? step.asked.transfer : ''}`
          : `piece ${step.transfer} ${step.piece.length}`,
      );
  }

  say(body: FileControl): void {
    this.files.answer(body);
  }
}

const KIB = 1024;
async function* source(...sizes: number[]) {
  for (const size of sizes) yield Buffer.alloc(size, 7);
}
const page = (transfer: number, paths: string[], more = false): FileControl => ({
  ...{ type: 'file-listed', transfer, more, cut: false, odd: 0, now: 5 },
  entries: paths.map((path) => [path, 1, 2]),
});

describe('steps', () => {
  it('AF23 a file goes out in pieces of 64 KiB, each after the answer to the one before', async () => {
    const line = new Line();
    const done = line.files.write('a', { size: 130 * KIB, mtime: 1 }, source(100 * KIB, 30 * KIB));
    expect(await line.asked()).toEqual(['file-write 1']);
    for (const size of [64, 36, 30]) {
      line.say({ type: 'file-taken', transfer: 1 });
      expect(await line.asked()).toEqual([`piece 1 ${size * KIB}`]);
    }
    line.say({ type: 'file-done', transfer: 1, size: 130 * KIB, mtime: 1 });
    await done;
    expect(await line.asked()).toEqual(['file-close 1']);
  });

  it('AF23 the next piece is asked for when the one before has been taken', async () => {
    const line = new Line();
    const gates: (() => void)[] = [];
    const took: number[] = [];
    const take = (piece: Buffer) => {
      took.push(piece.length);
      return new Promise<void>((go) => gates.push(go));
    };
    const done = line.files.read('a', () => {}, take);
    await line.asked();
    line.say({ type: 'file-opened', transfer: 1, size: 5, mtime: 9 });
    expect(await line.asked()).toEqual(['file-next 1']);
    line.files.piece(1, Buffer.from('abc'));
    expect(await line.asked()).toEqual([]);
    gates[0]?.();
    expect(await line.asked()).toEqual(['file-next 1']);
    line.files.piece(1, Buffer.from('de'));
    await line.asked();
    gates[1]?.();
    await line.asked();
    line.say({ type: 'file-done', transfer: 1, size: 5, mtime: 9 });
    expect(await done).toEqual({ size: 5, mtime: 9 });
    expect(took).toEqual([3, 2]);
  });

  it('AF23 AF24 one step of all transfers at a time, four transfers at once', async () => {
    const line = new Line();
    const lists = Array.from({ length: 6 }, () => line.files.list(10));
    const seen: string[] = [];
    for (let step = 0; step < 40; step += 1) {
      const asked = (await line.asked()).filter((text) => !text.startsWith('file-close'));
      expect(asked.length).toBeLessThanOrEqual(1);
      seen.push(...asked);
      const [kind, transfer] = asked[0]?.split(' ') ?? [];
      if (transfer !== undefined) line.say(page(Number(transfer), ['x'], kind === 'file-list'));
    }
    expect((await Promise.all(lists)).map(({ files }) => files.length)).toEqual([2, 2, 2, 2, 2, 2]);
    const begun = seen.indexOf('file-list 5');
    expect(begun).toBeGreaterThan(seen.indexOf('file-next 1'));
  });
});

describe('what goes wrong', () => {
  it('AF22 fails with words when the stream breaks, and works with the next one', async () => {
    const line = new Line();
    const broken = [line.files.list(10), line.files.remove('a')];
    await line.asked();
    line.files.broken();
    for (const each of broken) await expect(each).rejects.toThrow('the connection to the sandbox was lost');
    await expect(line.files.list(10)).rejects.toMatchObject({ code: 'lost' });
    line.files.attached(true);
    line.steps.splice(0);
    const again = line.files.remove('a');
    expect(await line.asked()).toEqual(['file-remove 4']);
    line.say({ type: 'file-done', transfer: 4 });
    await again;
  });

  it('says it of an agent that knows nothing of files', async () => {
    const line = new Line();
    line.files.attached(false);
    await expect(line.files.list(1)).rejects.toThrow('its agent is of before this version');
    expect(await line.asked()).toEqual([]);
  });

  it('gives up after a minute without an answer, and the next one has its turn', async () => {
    const line = new Line();
    const slow = line.files.list(1);
    const next = line.files.remove('a');
    await line.asked();
    const given = expect(slow).rejects.toThrow('the sandbox did not answer within 60 s');
    line.clock.advance(60_000);
    await given;
    expect(await line.asked()).toEqual(['file-remove 2', 'file-close 1']);
    line.say({ type: 'file-done', transfer: 2 });
    await next;
  });

  it('AF27 what nobody asked for is not heard, and what does not fit fails', async () => {
    const line = new Line();
    const read = line.files.read(
      'a',
      () => {},
      () => undefined,
    );
    await line.asked();
    line.files.piece(9, Buffer.alloc(10));
    line.say({ type: 'file-done', transfer: 9 });
    line.say({ type: 'file-opened', transfer: 1, size: 3, mtime: 0 });
    await line.asked();
    const failed = expect(read).rejects.toThrow('out of order');
    line.files.piece(1, Buffer.alloc(4));
    await failed;
  });

  it('tells what the sandbox says, and lists no more than was wanted', async () => {
    const line = new Line();
    const refused = line.files.remove('a');
    await line.asked();
    line.say({ type: 'file-failed', transfer: 1, code: 'full', reason: 'the home folder is full' });
    await expect(refused).rejects.toEqual(new SandboxFileError('full', 'the home folder is full'));
    const list = line.files.list(3);
    await line.asked();
    line.say(page(2, ['a', 'b', 'c', 'd'], true));
    expect(await list).toMatchObject({ cut: true, files: [{ path: 'a' }, { path: 'b' }, { path: 'c' }] });
  });
});
