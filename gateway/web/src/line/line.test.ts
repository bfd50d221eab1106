import { afterEach, describe, expect, test, vi } from 'vitest';
import type { WorksheetStatus } from '../../../src/wire/worksheet-protocol.ts';
import { Value } from '../shared/value.ts';
import { calmRun, type ShownRun } from './calm-run.ts';
import { calmSave, showWhen } from './calm-save.ts';
import { CommandQueue } from './command-queue.ts';
import { LiveSocket } from './live-socket.ts';
import { afterSaveEvent, firstSaveState, type SaveEvent, type SaveState, saveLine } from './save-state.ts';

describe('commands', () => {
  function queue() {
    const sent: string[] = [];
    let next = 0;
    const commands = new CommandQueue(
      (text) => sent.push(JSON.parse(text).id),
      () => String(++next),
    );
    return { sent, commands };
  }

  test('wait for the line and go out in their order, again after each loss until they are answered', async () => {
    const { sent, commands } = queue();
    const first = commands.add({ do: 'run', cells: ['a'] });
    void commands.add({ do: 'interrupt' });
    expect(sent).toEqual([]);
    commands.open();
    expect(sent).toEqual(['1', '2']);
    commands.lost();
    commands.answered({ say: 'done', id: '1' });
    expect(await first).toEqual({ say: 'done', id: '1' });
    commands.open();
    expect(sent).toEqual(['1', '2', '2']);
  });

  test('a second answer to the same command is ignored', async () => {
    const { commands } = queue();
    commands.open();
    const answer = commands.add({ do: 'stop' });
    commands.answered({ say: 'refused', id: '1', message: 'no' });
    commands.answered({ say: 'done', id: '1' });
    expect(await answer).toEqual({ say: 'refused', id: '1', message: 'no' });
    expect(commands.waiting).toEqual([]);
  });

  test('WH16 nothing is waited for when the line does not come back', async () => {
    const { commands } = queue();
    commands.open();
    const answer = commands.add({ do: 'run', cells: ['a'] });
    commands.end();
    expect(await answer).toBeUndefined();
    expect(commands.waiting).toEqual([]);
  });

  test('questions about the text at the cursor end with the line', async () => {
    const { sent, commands } = queue();
    expect(await commands.add({ do: 'complete', code: 'a', cursor: 1 })).toBeUndefined();
    commands.open();
    const answer = commands.add({ do: 'inspect', code: 'a', cursor: 1 });
    commands.lost();
    expect(await answer).toBeUndefined();
    commands.open();
    expect(sent).toHaveLength(1);
  });
});

describe('the save line', () => {
  const after = (...events: SaveEvent[]) => saveLine(events.reduce(afterSaveEvent, firstSaveState));

  test.each<[SaveEvent[], object]>([
    [[], { say: 'connecting' }],
    [['edit'], { say: 'offlineEdits', count: 1 }],
    [['joined', 'acknowledged'], { say: 'saved' }],
    [['joined', 'edit'], { say: 'saving' }],
    [['joined', 'edit', 'acknowledged'], { say: 'saved' }],
    [['joined', 'edit', 'lost', 'edit'], { say: 'offlineEdits', count: 2 }],
    [['joined', 'edit', 'lost', 'acknowledged'], { say: 'offlineEdits', count: 1 }],
    [['joined', 'lost'], { say: 'offline' }],
    [['joined', 'edit', 'lost', 'joined'], { say: 'saving' }],
  ])('after %j it says %j', (events, line) => expect(after(...events)).toEqual(line));

  test('WH16 edits that the gateway does not take are called so, with the line or without', () => {
    const edited = (['joined', 'edit', 'edit'] as const).reduce(afterSaveEvent, firstSaveState);
    const lost = afterSaveEvent(edited, 'lost');
    expect(saveLine(edited, 'mayNotEdit')).toEqual({ say: 'notTaken', count: 2 });
    expect(saveLine(lost, 'withdrawn')).toEqual({ say: 'notTaken', count: 2 });
    expect(saveLine(afterSaveEvent(firstSaveState, 'joined'), 'mayNotEdit')).toEqual({ say: 'saved' });
    expect(saveLine(afterSaveEvent(firstSaveState, 'lost'), 'withdrawn')).toEqual({ say: 'withdrawn' });
  });
});

describe('what is shown of the state', () => {
  const state = (line: SaveState['line'], edits: number): SaveState => ({ line, edits });

  test('WU17 the first edit at once, its being saved after a rest, the count while the line is broken', () => {
    expect(showWhen(state('live', 0), state('live', 1))).toBe('now');
    expect(showWhen(state('live', 1), state('live', 2))).toBe('never');
    expect(showWhen(state('live', 1), state('live', 0))).toBe('later');
    expect(showWhen(state('live', 1), state('broken', 2))).toBe('now');
    expect(showWhen(state('broken', 2), state('broken', 3))).toBe('now');
  });

  test('WU17 keys that are saved one by one are shown as one saving', async () => {
    vi.useFakeTimers();
    try {
      const save = new Value(state('live', 0));
      const shown = calmSave(save);
      const said: number[] = [];
      shown.subscribe(() => said.push(shown.get().edits));
      for (let key = 0; key < 5; key += 1) {
        save.set(state('live', 1));
        save.set(state('live', 0));
        vi.advanceTimersByTime(60);
      }
      expect(said).toEqual([1]);
      vi.advanceTimersByTime(1000);
      expect(said).toEqual([1, 0]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('what runs', () => {
  const running = (cell: string | undefined, queue: string[] = []) =>
    ({ kernel: cell === undefined ? 'idle' : 'busy', running: cell, queue }) as unknown as WorksheetStatus;

  function page() {
    vi.useFakeTimers();
    const status = new Value<WorksheetStatus | undefined>(running(undefined));
    const waiting = new Value<readonly string[]>([]);
    const shown = calmRun(status, waiting);
    const said: string[] = [];
    const word = ({ status: now, waiting: asked }: ShownRun) =>
      [`runs ${now?.running ?? '-'}`, ...(now?.queue ?? []), ...asked.map((cell) => `asked ${cell}`)].join(' ');
    shown.subscribe(() => said.push(word(shown.get())));
    return { status, waiting, said };
  }

  test('WU20 a short cell is marked when it is asked for, and not once more before it has ended', () => {
    try {
      const { status, waiting, said } = page();
      waiting.set(['a']);
      status.set(running('a'));
      waiting.set([]);
      vi.advanceTimersByTime(20);
      status.set(running(undefined));
      vi.advanceTimersByTime(1000);
      expect(said).toEqual(['runs - asked a', 'runs -']);
    } finally {
      vi.useRealTimers();
    }
  });

  test('WU20 a longer one runs, and the next one stands in the queue at once', () => {
    try {
      const { status, waiting, said } = page();
      waiting.set(['a']);
      status.set(running('a'));
      waiting.set([]);
      vi.advanceTimersByTime(100);
      waiting.set(['b']);
      status.set(running('a', ['b']));
      waiting.set([]);
      vi.advanceTimersByTime(1000);
      status.set(running('b'));
      vi.advanceTimersByTime(100);
      expect(said).toEqual(['runs - asked a', 'runs a', 'runs a asked b', 'runs a b asked b', 'runs a b', 'runs b']);
    } finally {
      vi.useRealTimers();
    }
  });

  test('WU20 an answer without a new status ends the mark', () => {
    try {
      const { waiting, said } = page();
      waiting.set(['a']);
      waiting.set([]);
      expect(said).toEqual(['runs - asked a']);
      vi.advanceTimersByTime(100);
      expect(said).toEqual(['runs - asked a', 'runs -']);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the socket', () => {
  /** Frames come when the test says so. */
  function line(visibilityState = 'visible') {
    vi.useFakeTimers();
    const frames: (() => void)[] = [];
    vi.stubGlobal('document', { visibilityState });
    vi.stubGlobal('requestAnimationFrame', (frame: () => void) => frames.push(frame));
    const socket = new LiveSocket({ url: 'ws://127.0.0.1:1', autoConnect: false });
    const sent: string[] = [];
    const open = () => {
      socket.webSocket = { readyState: WebSocket.OPEN, send: (message: string) => sent.push(message) } as never;
    };
    open();
    const frame = () => {
      for (const each of frames.splice(0)) each();
      vi.advanceTimersByTime(0);
    };
    return { socket, sent, open, frame };
  }
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  test('WU21 an edit goes out behind the frame, or after a while without one', () => {
    const { socket, sent, frame } = line();
    socket.behindFrame(() => socket.send('a'));
    socket.behindFrame(() => socket.send('b'));
    expect(sent).toEqual([]);
    frame();
    expect(sent).toEqual(['a', 'b']);
    socket.behindFrame(() => socket.send('c'));
    vi.advanceTimersByTime(100);
    expect(sent).toEqual(['a', 'b', 'c']);
  });

  test('WU21 what is said after it comes after it, and a hidden page waits for nothing', () => {
    const { socket, sent, frame } = line();
    socket.behindFrame(() => socket.send('edit'));
    socket.send('run');
    expect(sent).toEqual(['edit', 'run']);
    frame();
    expect(sent).toEqual(['edit', 'run']);
    const hidden = line('hidden');
    hidden.socket.behindFrame(() => hidden.socket.send('edit'));
    expect(hidden.sent).toEqual(['edit']);
  });

  test('WU21 what waited for a line that broke is not said on the next one, which is told everything anyway', () => {
    const { socket, sent, open, frame } = line();
    socket.behindFrame(() => socket.send('edit'));
    open();
    frame();
    expect(sent).toEqual([]);
  });
});
