/**
 * The clients' process: opens kernels with one WebSocket each and runs cells in them. Commands and answers travel over the
 * channel of `fork`; all times are milliseconds.
 */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { WebSocket } from 'ws';
import { readV1 } from '../../gateway/src/wire/jupyter-v1.ts';
import { makeMessage } from '../../gateway/src/wire/wire-message.ts';

const V1 = 'v1.kernel.websocket.jupyter.org';

export type Command =
  /** Opens `count` further kernels, `atOnce` at a time; answers what each POST took. */
  | { readonly do: 'open'; readonly count: number; readonly atOnce: number; readonly everyMs?: number }
  /** Runs `count` cells one after the other, each in the next kernel; answers what each took. */
  | { readonly do: 'execute'; readonly count: number; readonly code: string }
  /** Ends the last `count` kernels. */
  | { readonly do: 'close'; readonly count: number };

export interface Answer {
  readonly times: readonly number[];
  readonly failures: readonly string[];
}

interface Open {
  readonly id: string;
  readonly token: string;
  readonly socket: WebSocket;
  readonly session: string;
  heard: (type: string) => void;
}

const [, , url = '', ...tokens] = process.argv;
const agent = new Agent({ keepAlive: true });
const open: Open[] = [];
let next = 0;

function ask(method: string, path: string, token: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `token ${token}`, 'Content-Type': 'application/json' };
    const asked = request(url + path, { method, headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.once('error', reject);
    asked.end();
  });
}

async function openOne(): Promise<number> {
  const token = tokens[open.length % tokens.length] ?? '';
  const begun = performance.now();
  const { status, text } = await ask('POST', '/api/kernels', token);
  const took = performance.now() - begun;
  if (status !== 201) throw new Error(`POST /api/kernels: ${status} ${text}`);
  const { id } = JSON.parse(text) as { id: string };
  const session = randomUUID();
  const headers = { Authorization: `token ${token}` };
  const address = `${url.replace(/^http/, 'ws')}/api/kernels/${id}/channels?session_id=${session}`;
  const socket = new WebSocket(address, [V1], { headers, perMessageDeflate: false, skipUTF8Validation: true });
  await new Promise<void>((done, fail) => {
    socket.once('open', () => done());
    socket.once('error', fail);
  });
  const one: Open = { id, token, socket, session, heard: () => {} };
  socket.on('error', () => {});
  socket.on('message', (data: Buffer) => {
    const message = readV1(data);
    if (message === undefined) return;
    const { msg_type: type } = message.header;
    one.heard(type === 'status' ? String(message.content['execution_state']) : type);
  });
  open.push(one);
  return took;
}

/** Until both the reply and the idle have come. */
function execute(one: Open, code: string): Promise<number> {
  const header = { msg_id: randomUUID(), msg_type: 'execute_request', session: one.session, username: 'bench' };
  const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: true };
  const frame = makeMessage('shell', { ...header, date: new Date().toISOString(), version: '5.3' }, {}, content).toV1();
  const begun = performance.now();
  return new Promise((resolve) => {
    let missing = 2;
    one.heard = (type) => {
      if (type !== 'execute_reply' && type !== 'idle') return;
      missing -= 1;
      if (missing > 0) return;
      one.heard = () => {};
      resolve(performance.now() - begun);
    };
    one.socket.send(frame);
  });
}

async function perform(command: Command): Promise<Answer> {
  const times: number[] = [];
  const failures: string[] = [];
  const lane = async (work: () => Promise<number>) => {
    await work().then(
      (ms) => times.push(ms),
      (error: Error) => failures.push(error.message),
    );
  };
  if (command.do === 'open') {
    let left = command.count;
    const one = async () => {
      while (left-- > 0) {
        await lane(openOne);
        if (command.everyMs !== undefined) await new Promise((done) => setTimeout(done, command.everyMs));
      }
    };
    await Promise.all(Array.from({ length: command.atOnce }, one));
  } else if (command.do === 'execute') {
    for (let i = 0; i < command.count; i += 1) {
      const one = open[next++ % open.length];
      if (one !== undefined) await lane(() => execute(one, command.code));
    }
  } else {
    for (const { id, token, socket } of open.splice(-command.count, command.count)) {
      socket.terminate();
      await lane(async () => (await ask('DELETE', `/api/kernels/${id}`, token)).status);
    }
  }
  return { times, failures };
}

process.on('message', (command: Command) => {
  void perform(command).then((answer) => process.send?.(answer));
});
process.once('disconnect', () => process.exit());
