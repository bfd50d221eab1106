/** What Output widgets take, by lists of what a kernel says. */
import { describe, expect, it } from 'vitest';
import { WidgetOutputs } from './widget-outputs.ts';

const text = (written: string) => ({ name: 'stdout', text: written });
const stream = (written: string) => ({ output_type: 'stream', name: 'stdout', text: written });
const picture = (data: string, id?: string) => ({
  data: { 'image/png': data },
  metadata: {},
  ...(id !== undefined && { transient: { display_id: id } }),
});
const shown = (data: string) => ({ output_type: 'display_data', data: { 'image/png': data }, metadata: {} });
const changes = (outputs: WidgetOutputs) => Object.fromEntries(outputs.changes(() => true));

describe('WW5 which widget takes outputs', () => {
  it('is the one that asked last for those of the request, until it asks for others', () => {
    const outputs = new WidgetOutputs();
    outputs.hear('outer', { msg_id: 'r', outputs: [] });
    outputs.hear('inner', { msg_id: 'r', outputs: [] });
    expect(outputs.claims.get('r')).toEqual(['outer', 'inner']);
    outputs.hear('inner', { msg_id: '' });
    expect(outputs.claims.get('r')).toEqual(['outer']);
    outputs.hear('outer', { msg_id: 'other' });
    expect([...outputs.claims]).toEqual([['other', ['outer']]]);
    outputs.forget('outer');
    expect(outputs.claims.size).toBe(0);
  });
});

describe('WW5 what a widget holds', () => {
  const taking = () => {
    const outputs = new WidgetOutputs();
    outputs.hear('w', { msg_id: 'r', outputs: [] });
    return outputs;
  };

  it('goes on with streams as a terminal shows them, and keeps the order', () => {
    const outputs = taking();
    outputs.add('w', 'stream', text('10%\r'));
    outputs.add('w', 'stream', text('20%\n'));
    outputs.add('w', 'display_data', picture('AA'));
    outputs.add('w', 'stream', text('end'));
    expect(changes(outputs)).toEqual({ w: [stream('20%\n'), shown('AA'), stream('end')] });
    expect(changes(outputs)).toEqual({});
  });

  it('is emptied at once, or with the next output', () => {
    const outputs = taking();
    outputs.add('w', 'display_data', picture('AA'));
    outputs.add('w', 'clear_output', { wait: true });
    expect(changes(outputs)).toEqual({ w: [shown('AA')] });
    outputs.add('w', 'display_data', picture('BB'));
    expect(changes(outputs)).toEqual({ w: [shown('BB')] });
    outputs.add('w', 'clear_output', { wait: false });
    expect(changes(outputs)).toEqual({ w: [] });
  });

  it('is changed by an update of a display', () => {
    const outputs = taking();
    outputs.add('w', 'display_data', picture('AA', 'd'));
    outputs.refresh(picture('BB', 'd'));
    outputs.refresh(picture('CC', 'unknown'));
    expect(changes(outputs)).toEqual({ w: [shown('BB')] });
  });

  it('is what the kernel says when it says it, and goes on behind that', () => {
    const outputs = taking();
    outputs.add('w', 'stream', text('lost'));
    outputs.hear('w', { outputs: [stream('given')] });
    outputs.add('w', 'stream', text(' and more'));
    expect(changes(outputs)).toEqual({ w: [stream('given and more')] });
  });

  it('takes errors, ignores what is no output, and keeps head and tail of what is long', () => {
    const outputs = taking();
    outputs.add('w', 'error', { ename: 'E', evalue: 'v', traceback: ['line'] });
    outputs.add('w', 'nonsense', { a: 1 });
    expect(changes(outputs)['w']).toEqual([{ output_type: 'error', ename: 'E', evalue: 'v', traceback: ['line'] }]);
    for (let at = 0; at < 3000; at += 1) outputs.add('w', 'stream', text(`${at} ${'x'.repeat(200)}\n`));
    const [, long] = changes(outputs)['w'] as { text: string }[];
    expect(long?.text.length).toBeLessThan(140_000);
    expect(long?.text).toMatch(/^0 x/);
    expect(long?.text).toContain('bytes were cut here');
    expect(long?.text).toMatch(/2999 x+\n$/);
  });
});
