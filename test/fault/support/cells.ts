/** What the fault tests do with a worksheet again and again. */
import { expect } from 'vitest';
import { type Kernel, type Message, rest, type Server } from '../../support/jupyter.ts';
import { until } from './until.ts';

/** Prints `count` numbered lines, one every `pause` seconds, then the variable `x` and how often the cell has begun. */
export const counting = (count: number, pause: number): string =>
  [
    'import time',
    'runs = globals().get("runs", 0) + 1',
    `for i in range(${count}):`,
    '    print("line", i, flush=True)',
    `    time.sleep(${pause})`,
    'print("x", x, "runs", runs)',
  ].join('\n');

export const counted = (count: number, x: number): string =>
  [...Array.from({ length: count }, (_, index) => `line ${index}`), `x ${x} runs 1`, ''].join('\n');

/** The cell's text without what came a second time: after a lost gateway a message may be sent again under its old id. */
export function textOnce(kernel: Kernel, id: string): string {
  const seen = new Map<string, Message>();
  for (const message of kernel.of(id, 'stream')) seen.set(message.header.msg_id, message);
  return [...seen.values()].map((message) => message.content.text).join('');
}

/** Connects again with the same session id as soon as the server takes it. */
export async function reconnect(kernel: Kernel, ms = 30_000): Promise<void> {
  const connected = () =>
    kernel.connect().then(
      () => true,
      () => false,
    );
  await until('the gateway takes the socket again', connected, ms);
}

export const line = (text: string) => (message: Message) =>
  message.header.msg_type === 'stream' && String(message.content.text).includes(text);

export const status = (state: string) => (message: Message) =>
  message.header.msg_type === 'status' && message.content.execution_state === state;

/** The cell ended by a death: an error on iopub, a reply with the same words; answers these words. */
export async function deathOf(kernel: Kernel, id: string, ms = 60_000): Promise<string> {
  const reply = await kernel.reply(id, ms);
  expect(reply.content.status).toBe('error');
  const error = await kernel.until('the error on iopub', (message) => isErrorOf(message, id), 10_000);
  expect(String(reply.content.evalue)).toBe(String(error.content.evalue));
  return `${error.content.ename}: ${error.content.evalue}`;
}

const isErrorOf = (message: Message, id: string) =>
  message.header.msg_type === 'error' && message.parent_header.msg_id === id;

/** Runs `1 + 1` until it is answered: the worksheet is usable. Asks again after an answer that says it is not yet. */
export async function usable(kernel: Kernel, ms = 60_000): Promise<void> {
  const answered = async () => {
    const run = await kernel.run('print(1 + 1)', {}, ms);
    return run.reply.content.status === 'ok' && run.text.includes('2');
  };
  await until('the worksheet is usable', answered, ms);
}

export const interrupt = (server: Server, kernel: Kernel) =>
  rest(server, 'POST', `/api/kernels/${kernel.id}/interrupt`, {});

export const restart = (server: Server, kernel: Kernel) =>
  rest(server, 'POST', `/api/kernels/${kernel.id}/restart`, {});
