/** What a page tells the frame of a widget, and what it believes of it. */
import { describe, expect, it } from 'vitest';
import type { WidgetModel } from '../../../src/wire/widget-models.ts';
import { FrameLink, type Refused } from './frame-link.ts';
import type { FrameMessage, ToFrame } from './frame-protocol.ts';

const uuid = (at: number) => `6f1c4a3e-0000-4000-8000-${String(at).padStart(12, '0')}`;
const model = (id: string, state: object = {}): WidgetModel => ({ id, state: { ...state }, buffers: [] });
const mapOf = (...models: WidgetModel[]) => new Map(models.map((one) => [one.id, one]));
const texts = { picture: '', unknownOutput: '', missingWidget: '' };

function scene(...models: WidgetModel[]) {
  const told: ToFrame[] = [];
  const sent: FrameMessage[] = [];
  const refused: Refused[] = [];
  let usable = true;
  const window = { postMessage: (message: ToFrame) => void told.push(message) } as unknown as Window;
  const link = new FrameLink(
    {
      ...{ window, root: 'root', live: true, models: mapOf(...models), usable: () => usable },
      send: async (message) => void sent.push(message),
      refused: (why) => void refused.push(why),
    },
    { script: 'program', texts },
  );
  const message = (at: number, more: object = {}) => ({
    ...{ id: uuid(at), model: 'root', buffers: [], message: { method: 'update', state: { value: at }, paths: [] } },
    ...more,
  });
  const forbid = () => {
    usable = false;
  };
  return { link, told, sent, refused, message, forbid };
}

describe('WW11 a frame is told', () => {
  it('of the models that belong to its widget, new ones before what names them, and of nothing else', () => {
    const child = model('child');
    const { link, told } = scene(model('root', { children: ['IPY_MODEL_child'] }), child, model('other'));
    expect(told[0]).toMatchObject({ carrelStart: { root: 'root', models: [{ id: 'root' }, { id: 'child' }] } });
    const change = { is: 'update', ...model('root', { children: ['IPY_MODEL_child', 'IPY_MODEL_new'] }) } as const;
    const other = { is: 'update', ...model('other', { value: 1 }) } as const;
    link.hear([{ is: 'open', model: model('new') }, other, change], mapOf(change, child, model('new')));
    expect(told.slice(1)).toEqual([
      { carrelEvents: [{ is: 'open', model: model('new') }] },
      { carrelEvents: [change] },
    ]);
  });
});

describe('WW12 a frame is believed', () => {
  it('messages of its own models, which are answered', async () => {
    const { link, told, sent, message } = scene(model('root'));
    link.take(message(1));
    await Promise.resolve();
    expect(sent.map(({ id }) => id)).toEqual([uuid(1)]);
    await new Promise((next) => setTimeout(next));
    expect(told.at(-1)).toEqual({ carrelHandled: uuid(1) });
  });

  it('nothing that is no message', () => {
    const { link, sent, message } = scene(model('root'));
    for (const wrong of [
      null,
      'text',
      message(1, { id: 'cell_1' }),
      message(1, { buffers: ['<script>'] }),
      message(1, { message: { method: 'open' } }),
      message(1, { message: null }),
    ])
      link.take(wrong);
    expect(sent).toEqual([]);
  });

  it('nothing about other models, too large, too often, or for a person who may not run code', () => {
    const { link, sent, refused, message, forbid } = scene(model('root'));
    link.take(message(1, { model: 'other' }));
    link.take(message(2, { buffers: ['A'.repeat(6_000_000)] }));
    for (let at = 3; at < 300; at += 1) link.take(message(at));
    expect(sent.length).toBeLessThan(130);
    expect(new Set(refused)).toEqual(new Set(['not alive', 'too large', 'too many']));
    const before = sent.length;
    forbid();
    link.take(message(400));
    expect(sent.length).toBe(before);
    expect(refused.at(-1)).toBe('not alive');
  });
});
