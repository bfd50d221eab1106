/** Models of widgets: merging, what belongs together, bounds, what pages are told, and what is saved. */
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { ManualClock } from '../../base/clock.ts';
import {
  belongingTo,
  savedForm,
  savedModels,
  type WidgetEvent,
  type WidgetModel,
  withUpdate,
} from '../../wire/widget-models.ts';
import { fillDocument } from '../document/document.ts';
import { saveWidgets } from './saved-widgets.ts';
import { WidgetNews } from './widget-news.ts';
import { WidgetStates } from './widget-states.ts';

const model = (id: string, state: object = {}, buffers: WidgetModel['buffers'] = []): WidgetModel => ({
  id,
  state: { _model_name: 'BoxModel', _model_module: 'm', _model_module_version: '1', ...state },
  buffers,
});
const ref = (id: string) => `IPY_MODEL_${id}`;
const mapOf = (...models: WidgetModel[]) => new Map(models.map((one) => [one.id, one]));

describe('WW2 an update', () => {
  it('replaces the keys that it names, with their binary parts', () => {
    const before = model('a', { value: 1, files: [{ name: 'x' }] }, [
      { path: ['files', 0, 'content'], data: 'AA==' },
      { path: ['other'], data: 'BB==' },
    ]);
    const after = withUpdate(before, { state: { files: [] }, buffers: [] });
    expect(after.state).toMatchObject({ value: 1, files: [] });
    expect(after.buffers).toEqual([{ path: ['other'], data: 'BB==' }]);
    const again = withUpdate(after, { state: {}, buffers: [{ path: ['value'], data: 'CC==' }] });
    expect(Object.keys(again.state)).not.toContain('value');
    expect(again.buffers.map(({ path }) => path)).toEqual([['other'], ['value']]);
  });

  it('cannot reach a prototype', () => {
    const { state } = withUpdate(model('a'), { state: JSON.parse('{"__proto__": {"polluted": 1}}'), buffers: [] });
    expect((state as { polluted?: number }).polluted).toBeUndefined();
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});

describe('WW9 what belongs to a widget', () => {
  it('is what it names, in any depth, the views in its outputs, and links with both of their ends', () => {
    const view = { data: { 'application/vnd.jupyter.widget-view+json': { model_id: 'inner' } } };
    const models = mapOf(
      model('root', { children: [ref('slider'), { deep: ref('out') }], gone: ref('missing') }),
      model('slider', { layout: ref('layout') }),
      model('layout'),
      model('out', { outputs: [view] }),
      model('inner'),
      model('link', { _model_name: 'LinkModel', source: [ref('slider'), 'value'], target: [ref('far'), 'value'] }),
      model('far'),
      model('stranger', { child: ref('root') }),
    );
    expect([...belongingTo(['root'], models)].sort()).toEqual(
      ['root', 'slider', 'layout', 'out', 'inner', 'link', 'far'].sort(),
    );
  });
});

describe('WW3 bounds', () => {
  it('are of the number of models and of the size of all states, which shrinks again', () => {
    const states = new WidgetStates({ models: 2, size: 1000 });
    expect(states.put(model('a'))).toBe('done');
    expect(states.put(model('b'))).toBe('done');
    expect(states.put(model('c'))).toBe('too many');
    expect(states.update({ id: 'a', state: { value: 'x'.repeat(1000) }, buffers: [] })).toBe('too large');
    expect(states.update({ id: 'a', state: {}, buffers: [{ path: ['v'], data: 'x'.repeat(600) }] })).toBe('done');
    expect(states.update({ id: 'b', state: { value: 'x'.repeat(600) }, buffers: [] })).toBe('too large');
    expect(states.update({ id: 'a', state: {}, buffers: [{ path: ['v'], data: '' }] })).toBe('done');
    expect(states.update({ id: 'b', state: { value: 'x'.repeat(600) }, buffers: [] })).toBe('done');
    states.remove('b');
    expect(states.put(model('c', { value: 'x'.repeat(600) }))).toBe('done');
    expect(states.update({ id: 'nobody', state: {}, buffers: [] })).toBe('unknown');
  });
});

describe('WW4 what pages are told', () => {
  const news = () => {
    const clock = new ManualClock(0);
    const told: (readonly WidgetEvent[])[] = [];
    return {
      clock,
      told,
      news: new WidgetNews(
        clock,
        (events) => void told.push(events),
        () => {},
      ),
    };
  };
  const update = (id: string, value: number, parent?: string): WidgetEvent => ({
    ...{ is: 'update', id, state: { value }, buffers: [] },
    ...(parent !== undefined && { parent }),
  });

  it('is the last of many updates, but for those that answer a page, and never across a new model', () => {
    const { news: one, told } = news();
    for (const event of [update('a', 1), update('b', 1), update('a', 2), update('a', 3, 'p'), update('a', 4)])
      one.add(event, 1);
    one.add({ is: 'open', model: model('c') }, 1);
    one.add(update('a', 5), 1);
    one.flush();
    expect(told[0]?.map((event) => ('state' in event ? `${event.id}${event.state['value']}` : event.is))).toEqual([
      'a2',
      'b1',
      'a3',
      'a4',
      'open',
      'a5',
    ]);
  });

  it('is to ask again where it would be too much', () => {
    const { news: one, told } = news();
    for (let at = 0; at < 6000; at += 1) one.add({ is: 'custom', id: 'a', content: at, buffers: [] }, 1);
    one.flush();
    expect(told[0]?.[0]).toEqual({ is: 'stale' });
    expect(told[0]?.length).toBeLessThan(1001);
  });
});

describe('WW9 the state at rest', () => {
  const showing = (...ids: string[]) => {
    const doc = new Y.Doc();
    const outputs = ids.map((model_id) => ({
      ...{ output_type: 'display_data' as const, metadata: {} },
      data: { 'application/vnd.jupyter.widget-view+json': { model_id } },
    }));
    const cell = { cell_type: 'code' as const, id: 'c', source: '', metadata: {}, outputs, execution_count: null };
    fillDocument(doc, { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] });
    return doc;
  };
  const saved = (doc: Y.Doc) =>
    savedModels((doc.getMap('meta').get('metadata') as Y.Map<unknown>).get('widgets') as object);

  it('has the schema of Jupyter, and is read again', () => {
    const one = model('a', { value: 1 }, [{ path: ['data'], data: 'AA==' }]);
    const form = savedForm([one]);
    expect(form).toEqual({
      version_major: 2,
      version_minor: 0,
      state: {
        a: {
          ...{ model_name: 'BoxModel', model_module: 'm', model_module_version: '1', state: one.state },
          buffers: [{ encoding: 'base64', path: ['data'], data: 'AA==' }],
        },
      },
    });
    expect([...savedModels({ 'application/vnd.jupyter.widget-state+json': form }).values()]).toEqual([one]);
    expect(
      savedModels({ 'application/vnd.jupyter.widget-state+json': { state: { a: 1, b: { state: [] } } } }).size,
    ).toBe(0);
  });

  it('holds what outputs show, keeps what an earlier kernel left, and forgets what was closed', () => {
    const doc = showing('a', 'old');
    saveWidgets(doc, mapOf(model('old')));
    saveWidgets(doc, mapOf(model('a', { child: ref('b') }), model('b'), model('unseen')));
    expect([...saved(doc).keys()].sort()).toEqual(['a', 'b', 'old']);
    saveWidgets(doc, new Map(), new Set(['a']));
    expect([...saved(doc).keys()]).toEqual(['old']);
  });

  it('is not written where nothing has changed or nothing is shown, and leaves out what is too large', () => {
    const doc = showing('a', 'big');
    let updates = 0;
    doc.on('update', () => {
      updates += 1;
    });
    saveWidgets(doc, mapOf(model('unseen')));
    expect(updates).toBe(0);
    const live = mapOf(model('a'), model('big', { value: 'x'.repeat(9_000_000) }));
    saveWidgets(doc, live);
    saveWidgets(doc, live);
    expect(updates).toBe(1);
    expect([...saved(doc).keys()]).toEqual(['a']);
  });
});
