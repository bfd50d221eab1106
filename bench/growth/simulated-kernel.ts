/**
 * A kernel that answers at once. It does no work, so that what a round trip takes is the gateway's, the warden's and the
 * network's.
 */
import type { Channel, KernelMessage } from '../../gateway/src/wire/kernel-message.ts';
import { makeMessage, type WireMessage } from '../../gateway/src/wire/wire-message.ts';

export type Say = (channel: Channel, type: string, parent: KernelMessage, content: object) => void;

const OUTPUT = `${'x'.repeat(79)}\n`.repeat(800);
const STREAM = { name: 'stdout', text: OUTPUT };
const RESULT = { data: { 'text/plain': '2' }, metadata: {}, execution_count: 1 };

let ids = 0;

/** A cell is five messages in two chunks; `print N` writes N bytes of output before it ends. `flush` ends a chunk. */
export function answer(request: KernelMessage, say: Say, flush: () => void): void {
  const type = request.header.msg_type;
  if (!type.endsWith('_request')) return;
  say('iopub', 'status', request, { execution_state: 'busy' });
  if (type === 'execute_request') {
    execute(request, say, flush);
    return;
  }
  say(request.channel, type.replace(/_request$/, '_reply'), request, { status: 'ok' });
  say('iopub', 'status', request, { execution_state: 'idle' });
}

function execute(request: KernelMessage, say: Say, flush: () => void): void {
  const code = String(request.content['code']);
  say('iopub', 'execute_input', request, { code, execution_count: 1 });
  flush();
  setImmediate(() => {
    const bytes = /^print (\d+)$/.exec(code)?.[1];
    if (bytes === undefined) say('iopub', 'execute_result', request, RESULT);
    else for (let left = Number(bytes); left > 0; left -= OUTPUT.length) say('iopub', 'stream', request, STREAM);
    say('shell', 'execute_reply', request, { status: 'ok', execution_count: 1, user_expressions: {} });
    say('iopub', 'status', request, { execution_state: 'idle' });
    flush();
  });
}

export function kernelMessage(channel: Channel, type: string, parent: KernelMessage, content: object): WireMessage {
  const header = {
    ...{ msg_id: `simulated-${++ids}`, msg_type: type, session: 'kernel', username: 'kernel' },
    ...{ date: '2026-01-02T03:04:05.678901Z', version: '5.3' },
  };
  return makeMessage(channel, header, parent.rawHeader, content);
}
