import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { readEvents } from './event-stream.ts';

const never = new AbortController().signal;

const line = (Action: string, Attributes: Record<string, string> = {}) =>
  `${JSON.stringify({ Type: 'container', Action, Actor: { ID: 'c1', Attributes }, time: 1 })}\n`;

async function collect(chunks: string[], signal = never) {
  const events: unknown[] = [];
  const end = await (async () => {
    for await (const event of readEvents(Readable.from(chunks, { objectMode: false }), signal, '/sock'))
      events.push(event);
  })().then(
    () => undefined,
    (error: unknown) => error,
  );
  return { events, end };
}

it('reads events that are cut anywhere, and ends with engine_unavailable when the engine ends the stream', async () => {
  const text = line('start') + line('oom') + line('attach') + line('die', { exitCode: '137' }) + line('destroy');
  const { events, end } = await collect(text.match(/.{1,7}|\n/gs) ?? []);
  expect(events).toEqual([
    { type: 'started', containerId: 'c1' },
    { type: 'out-of-memory', containerId: 'c1' },
    { type: 'exited', containerId: 'c1', exitCode: 137 },
    { type: 'removed', containerId: 'c1' },
  ]);
  expect(end).toMatchObject({
    code: 'engine_unavailable',
    message: 'the Docker engine at /sock sends no events any more: it ended the stream',
  });
});

it.each([
  ['no JSON', ['}{\n']],
  ['a line without end', Array.from({ length: 300 }, () => 'x'.repeat(1024))],
])('ends with engine_unavailable on %s', async (_, chunks) => {
  expect((await collect(chunks)).end).toMatchObject({ code: 'engine_unavailable' });
});

it('ends quietly when it is told to', async () => {
  const stop = new AbortController();
  const source = new Readable({ read() {} });
  source.push(line('start'));
  const seen: unknown[] = [];
  for await (const event of readEvents(source, stop.signal, '/sock')) {
    seen.push(event);
    stop.abort();
  }
  expect(seen).toHaveLength(1);
  expect(source.destroyed).toBe(true);
});
