/** The widgets of a worksheet between a scripted kernel and its pages. */
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { ManualClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/ports.ts';
import { savedModels, type WidgetEvent } from '../../wire/widget-models.ts';
import { makeMessage } from '../../wire/wire-message.ts';
import type { WidgetCommand, WorksheetNotice } from '../../wire/worksheet-protocol.ts';
import { fillDocument } from '../document/document.ts';
import { COMMAND_RIGHTS } from '../rooms/command.ts';
import type { Outgoing } from '../run/kernel-client.ts';
import { RoomWidgets } from './room-widgets.ts';

const commOpened = (message: Outgoing | undefined): string =>
  message !== undefined && 'comm_id' in message.content ? String(message.content.comm_id) : '';
const SESSION = 'ours';
const ID = '6f1c4a3e-0000-4000-8000-0123456789ab';

class Scene {
  readonly clock = new ManualClock(0);
  readonly sent: Outgoing[] = [];
  readonly events: WidgetEvent[] = [];
  readonly printed: unknown[] = [];
  readonly notices: WorksheetNotice[] = [];
  readonly doc = new Y.Doc();
  readonly widgets = new RoomWidgets({
    ...{ doc: this.doc, clock: this.clock, logger: silentLogger, session: SESSION, changed: () => {} },
    send: (message) => {
      this.sent.push(message);
      return message.id ?? `m${this.sent.length}`;
    },
    tell: (events) => void this.events.push(...events),
    print: (cell, type, content) => void this.printed.push([cell, type, content]),
  });
  #count = 0;

  /** The kernel says it; `session` is that of the client whose message it is about. */
  hear(
    type: string,
    content: object,
    parent = 'cell_1',
    channel: 'iopub' | 'shell' = 'iopub',
    session = SESSION,
  ): boolean {
    this.#count += 1;
    const header = { msg_id: `k${this.#count}`, msg_type: type };
    const taken = this.widgets.take(makeMessage(channel, header, { msg_id: parent, session }, content));
    this.widgets.settle();
    return taken;
  }

  open(id: string, state: object = {}): void {
    this.hear('comm_open', { comm_id: id, target_name: 'jupyter.widget', data: { state: { value: 1, ...state } } });
  }

  idle(parent: string): void {
    this.hear('status', { execution_state: 'idle' }, parent);
  }

  set(state: Record<string, unknown>, more: Partial<WidgetCommand> = {}): void {
    const message = { method: 'update' as const, state, paths: [] };
    const command = { do: 'widget' as const, id: ID, model: 'w', message, buffers: [], ...more };
    this.widgets.command(command, (notice) => void this.notices.push(notice));
  }

  get values(): unknown[] {
    return this.widgets.all.models.map(({ state }) => state['value']);
  }

  /** The datas of comm messages that went to the kernel. */
  get told(): unknown[] {
    return this.sent.flatMap(({ type, content }) => (type === 'comm_msg' ? [(content as { data: unknown }).data] : []));
  }
}

describe('messages of pages', () => {
  it('WW1 are told to every page at once and to the kernel once, and are answered when it has dealt with them', () => {
    const scene = new Scene();
    scene.open('w');
    scene.set({ value: 2 });
    scene.set({ value: 2 });
    expect(scene.events.at(-1)).toEqual({ is: 'update', id: 'w', state: { value: 2 }, buffers: [], parent: ID });
    expect(scene.told).toEqual([{ method: 'update', state: { value: 2 }, buffer_paths: [] }]);
    expect(scene.values).toEqual([2]);
    expect(scene.notices).toEqual([]);
    scene.idle(ID);
    expect(scene.notices).toEqual([
      { say: 'done', id: ID },
      { say: 'done', id: ID },
    ]);
    scene.set({ value: 2 });
    expect(scene.notices).toHaveLength(3);
    expect(scene.told).toHaveLength(1);
  });

  it('WW1 what the kernel repeats of them changes nothing; what it repeats of other clients does', () => {
    const scene = new Scene();
    scene.open('w');
    scene.set({ value: 2 });
    const echo = (value: number) => ({ comm_id: 'w', data: { method: 'echo_update', state: { value } } });
    scene.hear('comm_msg', echo(1), ID);
    expect(scene.values).toEqual([2]);
    scene.hear('comm_msg', echo(7), 'x', 'iopub', 'theirs');
    expect(scene.values).toEqual([7]);
  });

  it('WW10 are refused for widgets that do not live, for what the widget does not have, and when the kernel ends', () => {
    const scene = new Scene();
    scene.set({ value: 2 });
    scene.open('w');
    scene.set({ strange: 2 });
    scene.set({ value: 3 });
    scene.widgets.gone('the kernel died');
    expect(scene.notices).toMatchObject([
      { say: 'refused', message: /run its cell again/ },
      { say: 'refused', message: /has no "strange"/ },
      { say: 'refused', message: 'the kernel died' },
    ]);
    expect(scene.told).toHaveLength(1);
  });

  it('WW16 are bounded in bytes too, which are given back when the kernel has dealt with them or ends', () => {
    const scene = new Scene();
    scene.open('w');
    const large = (id: string, method: 'update' | 'custom', more: Partial<WidgetCommand> = {}) => {
      const content = 'x'.repeat(7 * 1024 * 1024);
      const message =
        method === 'custom' ? { method, content } : { method, state: { value: content }, paths: [] as string[][] };
      scene.set({}, { id, message, ...more });
    };
    const refused = {
      say: 'refused',
      message: 'the kernel has 14 of 16 MiB of messages of widgets to deal with first',
    };
    large('a', 'update');
    large('b', 'custom');
    expect(scene.notices).toEqual([]);
    large('c', 'update');
    large('d', 'custom', { message: { method: 'custom', content: '' }, buffers: ['AAAA'.repeat(1024 * 1024)] });
    expect(scene.notices).toMatchObject([
      { ...refused, id: 'c' },
      { ...refused, id: 'd' },
    ]);
    expect([scene.told.length, scene.events.filter((event) => 'parent' in event).length]).toEqual([2, 1]);
    scene.idle('a');
    large('e', 'custom');
    large('f', 'custom');
    expect(scene.notices.slice(2)).toMatchObject([
      { say: 'done', id: 'a' },
      { ...refused, id: 'f' },
    ]);
    scene.widgets.gone('the kernel died');
    scene.open('w');
    for (const id of ['g', 'h']) large(id, 'custom');
    expect(scene.told).toHaveLength(5);
  });

  it('WW13 are for those who may run code; everybody else may look', () => {
    expect(COMMAND_RIGHTS).toMatchObject({ widget: 'run', widgets: 'read' });
  });

  it('WW7 what their handlers print goes to the cell that made the widget, else to the one where it stands', () => {
    const scene = new Scene();
    scene.open('w');
    scene.set({ value: 2 });
    expect(scene.hear('stream', { name: 'stdout', text: 'x' }, ID)).toBe(true);
    expect(scene.printed).toEqual([[{ cell: 'cell', number: 1 }, 'stream', { name: 'stdout', text: 'x' }]]);
    expect(scene.hear('stream', { name: 'stdout', text: 'x' }, 'cell_1')).toBe(false);
  });
});

describe('WW17 a kernel that opens and closes without end', () => {
  it('is not remembered as the maker of what was not taken, and the bound is still said', () => {
    const scene = new Scene();
    for (let at = 0; at < 2000; at += 1) scene.open(`w${at}`);
    for (let at = 0; at < 10_000; at += 1) scene.open(`beyond${at}`);
    expect(scene.values).toHaveLength(2000);
    expect(scene.printed).toMatchObject([[{ cell: 'cell' }, 'stream', { text: /has 2000 widgets/ }]]);
    scene.hear('comm_close', { comm_id: 'w0', data: {} });
    const opened = { comm_id: 'beyond9999', target_name: 'jupyter.widget', data: { state: { value: 1 } } };
    scene.hear('comm_open', opened, 'x', 'iopub', 'theirs');
    scene.set({ value: 2 }, { model: 'beyond9999', cell: 'here' });
    scene.hear('stream', { name: 'stdout', text: 'x' }, ID);
    expect(scene.printed.at(-1)).toEqual(['here', 'stream', { name: 'stdout', text: 'x' }]);
  });

  it('has the last 2,000 that it closed remembered until they are saved, and no more', () => {
    const scene = new Scene();
    const views = ['first', 'last'].map((model_id) => ({
      ...{ output_type: 'display_data' as const, metadata: {} },
      data: { 'application/vnd.jupyter.widget-view+json': { model_id } },
    }));
    const cell = { cell_type: 'code' as const, id: 'c', source: '', metadata: {}, execution_count: null };
    fillDocument(scene.doc, { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [{ ...cell, outputs: views }] });
    const metadata = scene.doc.getMap('meta').get('metadata') as Y.Map<unknown>;
    const saved = () => [...savedModels(metadata.get('widgets') as object).keys()].toSorted();
    const close = (id: string) => scene.hear('comm_close', { comm_id: id, data: {} });
    for (const id of ['first', 'last']) scene.open(id);
    scene.widgets.save();
    expect(saved()).toEqual(['first', 'last']);
    close('first');
    for (let at = 0; at < 10_000; at += 1) {
      scene.open(`w${at}`);
      close(`w${at}`);
    }
    close('last');
    scene.widgets.save();
    expect(saved()).toEqual(['first']);
  });
});

describe('Output widgets', () => {
  it('WW5 WW6 hold what they take, and the kernel is told, one message at a time', () => {
    const scene = new Scene();
    scene.open('out', { _model_name: 'OutputModel', outputs: [], msg_id: '' });
    const claim = (msg_id: string) =>
      scene.hear('comm_msg', { comm_id: 'out', data: { method: 'update', state: { msg_id } } });
    const print = (text: string) => {
      expect(scene.hear('stream', { name: 'stdout', text })).toBe(true);
      scene.clock.advance(100);
    };
    claim('cell_1');
    for (const text of ['a', 'b', 'c']) print(text);
    const outputs = (text: string) => [{ output_type: 'stream', name: 'stdout', text }];
    expect(scene.widgets.all.models[0]?.state['outputs']).toEqual(outputs('abc'));
    expect(scene.told).toEqual([{ method: 'update', state: { outputs: outputs('a') }, buffer_paths: [] }]);
    scene.idle(String(scene.sent[0]?.id));
    expect(scene.told[1]).toMatchObject({ state: { outputs: outputs('abc') } });
    claim('');
    expect(scene.hear('stream', { name: 'stdout', text: 'd' })).toBe(false);
    expect(scene.printed).toEqual([]);
  });

  it('WW3 one that holds too much says so at its cell, and begins anew', () => {
    const scene = new Scene();
    scene.open('out', { _model_name: 'OutputModel', outputs: [], msg_id: 'cell_1' });
    for (let at = 0; at < 5; at += 1)
      scene.hear('display_data', { data: { 'text/html': `${at}${'x'.repeat(9_000_000)}` }, metadata: {} });
    scene.clock.advance(100);
    expect(scene.printed).toMatchObject([[{ cell: 'cell' }, 'stream', { name: 'stderr', text: /more than 32 MiB/ }]]);
    scene.hear('stream', { name: 'stdout', text: 'small' });
    scene.clock.advance(100);
    expect(JSON.stringify(scene.widgets.all.models[0]?.state['outputs'])).toContain('small');
  });
});

describe('WW8 a kernel that was found', () => {
  const listed = (scene: Scene) => {
    scene.widgets.recall();
    expect(scene.widgets.all.asking).toBe(true);
    scene.hear('comm_info_reply', { comms: { w: { target_name: 'jupyter.widget' } } }, 'm1', 'shell');
    return commOpened(scene.sent[1]);
  };

  it('is asked for all states at once', () => {
    const scene = new Scene();
    const comm_id = listed(scene);
    expect(scene.sent.map(({ type }) => type)).toEqual(['comm_info_request', 'comm_open', 'comm_msg']);
    const states = { w: { model_name: 'M', model_module: 'm', model_module_version: '1', state: { value: 5 } } };
    scene.hear('comm_msg', { comm_id, data: { method: 'update_states', states, buffer_paths: [] } }, 'm3');
    expect(scene.widgets.all).toMatchObject({
      asking: false,
      models: [{ id: 'w', state: { _model_name: 'M', value: 5 } }],
    });
    expect(scene.events).toEqual([{ is: 'stale' }]);
  });

  it('is asked for each state where its ipywidgets is older', () => {
    const scene = new Scene();
    const comm_id = listed(scene);
    scene.hear('comm_close', { comm_id, data: {} }, 'm2');
    scene.idle('m3');
    expect(scene.told.at(-1)).toEqual({ method: 'request_state' });
    scene.hear('comm_msg', { comm_id: 'w', data: { method: 'update', state: { value: 5 } } }, 'm5');
    expect(scene.values).toEqual([5]);
    expect(scene.widgets.all.asking).toBe(false);
  });
});
