/**
 * The browsers' process: opens worksheets with two pages each and a kernel, and runs cells in them. A page is a socket that speaks the
 * protocol of worksheets without keeping the document: what is measured is the server. Commands and answers travel over the channel
 * of `fork`; all times are milliseconds.
 */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { createDecoder, readVarString, readVarUint } from 'lib0/decoding';
import { createEncoder, toUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding';
import { WebSocket } from 'ws';
import type { Answer, Command } from '../growth/client.ts';

const CELL = 'first-cell';
const PAGES = 2;
/** Kinds of messages of @hocuspocus/server. */
const KIND = { sync: 0, auth: 2, stateless: 5 } as const;

interface Open {
  readonly id: string;
  readonly pages: readonly WebSocket[];
  /** Called with what the server says beside the document. */
  heard: (notice: { say: string; id?: string; message?: string }) => void;
}

const [, , url = '', ...tokens] = process.argv;
const agent = new Agent({ keepAlive: true });
const open: Open[] = [];
let next = 0;

const notebook = JSON.stringify({
  title: 'One of many',
  notebook: {
    ...{ nbformat: 4, nbformat_minor: 5, metadata: {} },
    cells: [{ cell_type: 'code', id: CELL, source: '1+1', metadata: {}, outputs: [], execution_count: null }],
  },
});

function make(token: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { Authorization: `token ${token}`, 'Content-Type': 'application/json' };
    const asked = request(`${url}/api/worksheets`, { method: 'POST', headers, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('end', () => {
        if (response.statusCode === 201) resolve((JSON.parse(text) as { id: string }).id);
        else reject(new Error(`POST /api/worksheets: ${response.statusCode} ${text}`));
      });
    });
    asked.once('error', reject);
    asked.end(notebook);
  });
}

function frame(document: string, kind: number, fill: (encoder: ReturnType<typeof createEncoder>) => void): Uint8Array {
  const encoder = createEncoder();
  writeVarString(encoder, document);
  writeVarUint(encoder, kind);
  fill(encoder);
  return toUint8Array(encoder);
}

/** Resolves when the document has come. */
async function openPage(id: string, token: string, heard: (notice: never) => void): Promise<WebSocket> {
  const address = `${url.replace(/^http/, 'ws')}/api/worksheets/socket`;
  const headers = { Authorization: `token ${token}` };
  const socket = new WebSocket(address, { headers, perMessageDeflate: false });
  await new Promise<void>((done, fail) => {
    socket.once('open', () => done());
    socket.once('error', fail);
  });
  socket.on('error', () => {});
  const synced = Promise.withResolvers<void>();
  socket.once('close', (code, reason) => synced.reject(new Error(`the page was closed: ${code} ${reason}`)));
  socket.on('message', (data: Buffer) => {
    const decoder = createDecoder(data);
    readVarString(decoder);
    const kind = readVarUint(decoder);
    if (kind === KIND.sync && readVarUint(decoder) === 1) synced.resolve();
    else if (kind === KIND.stateless) heard(JSON.parse(readVarString(decoder)) as never);
  });
  const auth = frame(id, KIND.auth, (encoder) => {
    writeVarUint(encoder, 0);
    writeVarString(encoder, '');
  });
  const first = frame(id, KIND.sync, (encoder) => {
    writeVarUint(encoder, 0);
    writeVarUint8Array(encoder, Uint8Array.of(0));
  });
  socket.send(auth);
  socket.send(first);
  await synced.promise;
  return socket;
}

/** Answers what it took until the second page had the document and the first cell had been run. */
async function openOne(): Promise<number> {
  const token = tokens[open.length % tokens.length] ?? '';
  const begun = performance.now();
  const id = await make(token);
  const pages: WebSocket[] = [];
  const one: Open = { id, pages, heard: () => {} };
  for (let i = 0; i < PAGES; i += 1) pages.push(await openPage(id, token, (notice) => i === 0 && one.heard(notice)));
  open.push(one);
  await execute(one);
  return performance.now() - begun;
}

/** Until the server says that the cell's run was begun and its end has come in a status without a running cell. */
function execute(one: Open): Promise<number> {
  const id = randomUUID();
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    let accepted = false;
    one.heard = (notice) => {
      if (notice.say === 'refused' && notice.id === id) reject(new Error(notice.message));
      if (notice.say === 'done' && notice.id === id) accepted = true;
      if (!accepted || notice.say !== 'status') return;
      const { status } = notice as unknown as { status: { kernel: string; running?: string; queue: string[] } };
      if (status.kernel !== 'idle' || status.running !== undefined || status.queue.length > 0) return;
      one.heard = () => {};
      resolve(performance.now() - begun);
    };
    const command = JSON.stringify({ id, do: 'run', cells: [CELL] });
    one.pages[0]?.send(frame(one.id, KIND.stateless, (encoder) => writeVarString(encoder, command)));
  });
}

async function perform(command: Command): Promise<Answer> {
  const times: number[] = [];
  const failures: string[] = [];
  const lane = (work: () => Promise<number>) =>
    work().then(
      (ms) => times.push(ms),
      (error: Error) => failures.push(error.message),
    );
  if (command.do === 'open') {
    let left = command.count;
    const one = async () => {
      while (left-- > 0) await lane(openOne);
    };
    await Promise.all(Array.from({ length: command.atOnce }, one));
  } else if (command.do === 'execute') {
    for (let i = 0; i < command.count; i += 1) {
      const one = open[next++ % open.length];
      if (one !== undefined) await lane(() => execute(one));
    }
  }
  return { times, failures };
}

process.on('message', (command: Command) => {
  void perform(command).then((answer) => process.send?.(answer));
});
process.once('disconnect', () => process.exit());
