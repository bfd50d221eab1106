/** The engine's event stream: JSON objects, one a line, as they happen. */
import type { Readable } from 'node:stream';
import { CarrelError } from '../../base/errors.ts';
import type { ContainerEvent } from '../engine.ts';
import { connectionReason } from './failures.ts';

/** The engine's names of the events that are asked for. */
export const EVENT_NAMES = ['start', 'oom', 'die', 'destroy'];

/** An event of a container with our few labels takes less than 1 KiB. */
const LONGEST_LINE = 256 * 1024;

/** Ends when `signal` aborts, and with `engine_unavailable` when the stream ends by itself. */
export async function* readEvents(
  stream: Readable,
  signal: AbortSignal,
  address: string,
): AsyncGenerator<ContainerEvent> {
  const stop = () => stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  let rest = '';
  try {
    stream.setEncoding('utf8');
    for await (const chunk of stream) {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_LINE) throw new Error('an event is longer than 256 KiB');
      for (const line of lines) {
        const event = line.trim() === '' ? undefined : toEvent(JSON.parse(line));
        if (event !== undefined) yield event;
      }
    }
  } catch (error) {
    if (!signal.aborted) throw gone(address, connectionReason(error));
  } finally {
    signal.removeEventListener('abort', stop);
    stream.destroy();
  }
  if (!signal.aborted) throw gone(address, 'it ended the stream');
}

const gone = (address: string, reason: string) =>
  new CarrelError('engine_unavailable', `the Docker engine at ${address} sends no events any more: ${reason}`);

function toEvent(message: {
  Action?: string;
  Actor?: { ID?: string; Attributes?: Record<string, string> };
}): ContainerEvent | undefined {
  const containerId = message.Actor?.ID;
  if (containerId === undefined) return undefined;
  switch (message.Action) {
    case 'start':
      return { type: 'started', containerId };
    case 'oom':
      return { type: 'out-of-memory', containerId };
    case 'die':
      return { type: 'exited', containerId, exitCode: Number(message.Actor?.Attributes?.['exitCode'] ?? -1) };
    case 'destroy':
      return { type: 'removed', containerId };
    default:
      return undefined;
  }
}
