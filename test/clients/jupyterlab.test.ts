/** JupyterLab's own client library, unmodified, in both wire formats. */
import { type Kernel, KernelManager, KernelSpecManager, ServerConnection, SessionManager } from '@jupyterlab/services';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { rest } from '../support/jupyter.ts';

/** A client that cannot speak v1 offers no subprotocol. */
class DefaultFormat extends WebSocket {
  constructor(url: string) {
    super(url, [], { maxPayload: 2 ** 28 });
  }
}
class EveryFormat extends WebSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols, { maxPayload: 2 ** 28 });
  }
}

let carrel: Carrel;
beforeAll(async () => {
  carrel = await startCarrel();
});
afterAll(async () => {
  await carrel?.stop();
});

function settings(socket: typeof WebSocket | typeof DefaultFormat | typeof EveryFormat): ServerConnection.ISettings {
  return ServerConnection.makeSettings({
    baseUrl: `${carrel.url}/`,
    wsUrl: `${carrel.url.replace(/^http/, 'ws')}/`,
    token: carrel.token,
    appendToken: true,
    WebSocket: socket as unknown as typeof globalThis.WebSocket,
  });
}

interface Outcome {
  // biome-ignore lint/suspicious/noExplicitAny: contents differ by message type
  readonly reply: any;
  // biome-ignore lint/suspicious/noExplicitAny: contents differ by message type
  readonly iopub: { type: string; content: any }[];
  readonly text: string;
}

async function execute(kernel: Kernel.IKernelConnection, code: string, answer?: string): Promise<Outcome> {
  const future = kernel.requestExecute({ code, allow_stdin: answer !== undefined }, true);
  const iopub: Outcome['iopub'] = [];
  future.onIOPub = (message) => void iopub.push({ type: message.header.msg_type, content: message.content });
  future.onStdin = (message) => future.sendInputReply({ status: 'ok', value: answer ?? '' }, message.header as never);
  const reply = (await future.done).content;
  const text = iopub.filter((message) => message.type === 'stream').map((message) => message.content.text);
  return { reply, iopub, text: text.join('') };
}

for (const [format, socket] of [
  ['v1', EveryFormat],
  ['default', DefaultFormat],
] as const) {
  describe(`@jupyterlab/services, ${format} format`, () => {
    let manager: KernelManager;
    let kernel: Kernel.IKernelConnection;
    beforeAll(async () => {
      manager = new KernelManager({ serverSettings: settings(socket) });
      kernel = await manager.startNew({});
      await kernel.info;
    });
    afterAll(async () => {
      await kernel?.shutdown();
      manager?.dispose();
    });

    test('a result arrives in the order busy, input, result, idle', async () => {
      const { reply, iopub } = await execute(kernel, '6*7');
      expect(reply.status).toBe('ok');
      expect(iopub.map((message) => message.content.execution_state ?? message.type)).toEqual([
        'busy',
        'execute_input',
        'execute_result',
        'idle',
      ]);
      expect(iopub[2]?.content.data['text/plain']).toBe('42');
    });

    test('input() is answered by the client that asked', async () => {
      const { text } = await execute(kernel, 'print("hello", input("name? "))', 'Ada ☃');
      expect(text).toContain('hello Ada ☃');
    });

    test('binary buffers pass untouched in both directions', async () => {
      await execute(
        kernel,
        `def opened(comm, message):
    comm.send({"sizes": [len(b) for b in message["buffers"]]}, buffers=[bytes(b)[::-1] for b in message["buffers"]])
get_ipython().kernel.comm_manager.register_target("mirror", opened)`,
      );
      const comm = kernel.createComm('mirror');
      const echoed = new Promise<Buffer[]>((done) => {
        comm.onMsg = (message) => {
          const views = (message.buffers ?? []) as DataView[];
          done(views.map((view) => Buffer.from(view.buffer, view.byteOffset, view.byteLength)));
        };
      });
      const sent = [Buffer.from([0, 255, 1]), Buffer.alloc(0), Buffer.alloc(70_001, 7)];
      comm.open(
        {},
        {},
        sent.map((buffer) => new Uint8Array(buffer).buffer),
      );
      expect(await echoed).toEqual(sent.map((buffer) => Buffer.from(buffer).reverse()));
    });

    test('matplotlib draws inline', async () => {
      const { iopub } = await execute(
        kernel,
        '%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 3, 2]); plt.show()',
      );
      const plot = iopub.find((message) => message.type === 'display_data');
      expect(
        Buffer.from(plot?.content.data['image/png'] ?? '', 'base64')
          .subarray(1, 4)
          .toString(),
      ).toBe('PNG');
    });

    test('an interrupt ends an endless loop with KeyboardInterrupt', async () => {
      const future = kernel.requestExecute({ code: 'print("go", flush=True)\nwhile True: pass' }, true);
      await new Promise<void>((done) => {
        future.onIOPub = (message) => void (message.header.msg_type === 'stream' && done());
      });
      await kernel.interrupt();
      expect((await future.done).content).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' });
    });

    test('a connection lost in the middle of a cell loses no line of it', async () => {
      const future = kernel.requestExecute(
        { code: 'import time\nfor i in range(20):\n    print(i, flush=True); time.sleep(0.1)' },
        true,
      );
      let text = '';
      let third = () => {};
      const started = new Promise<void>((done) => (third = done));
      future.onIOPub = (message) => {
        if (message.header.msg_type === 'stream') text += (message.content as { text: string }).text;
        if (text.includes('3\n')) third();
      };
      await started;
      await new Promise((done) => setTimeout(done, 50));
      (kernel as unknown as { _ws: WebSocket })._ws.terminate();
      await future.done;
      expect(text).toBe(Array.from({ length: 20 }, (_, index) => `${index}\n`).join(''));
    });

    test('restart keeps the id and loses the variables, for a second client as well', async () => {
      const second = kernel.clone();
      await second.info;
      await execute(kernel, 'gone = 1');
      const id = kernel.id;
      await kernel.restart();
      expect(kernel.id).toBe(id);
      expect((await execute(kernel, 'gone')).reply.ename).toBe('NameError');
      expect((await execute(second, '40+2')).iopub[2]?.content.data['text/plain']).toBe('42');
      second.dispose();
    });

    test('a killed kernel says why and comes back', async () => {
      const states: string[] = [];
      kernel.statusChanged.connect((_, status) => void states.push(status));
      const errors: string[] = [];
      kernel.anyMessage.connect((_, { msg }) => {
        if (msg.header.msg_type === 'error') errors.push((msg.content as { evalue: string }).evalue);
      });
      const future = kernel.requestExecute({ code: 'import os, signal; os.kill(os.getpid(), signal.SIGKILL)' }, true);
      future.done.catch(() => {});
      await expect.poll(() => states, { timeout: 20_000 }).toContain('autorestarting');
      await expect.poll(() => kernel.connectionStatus, { timeout: 20_000 }).toBe('connected');
      expect((await execute(kernel, '1+1')).reply.status).toBe('ok');
      expect(errors.join()).toMatch(/kernel/i);
    });
  });
}

test('the launcher shows a kernelspec for every policy that may be used', async () => {
  const specs = new KernelSpecManager({ serverSettings: settings(EveryFormat) });
  await specs.ready;
  const shown = Object.values(specs.specs?.kernelspecs ?? {}).map((spec) => spec?.display_name);
  expect(specs.specs?.default).toBe('python3');
  expect(shown).toEqual(
    expect.arrayContaining([
      ...['Python 3', 'Python 3 (small)', 'Python 3 (large)', 'Python 3 (exam)'],
      ...['Python 3 (ipykernel)', 'Python 3 (ipykernel, small)'],
    ]),
  );
  specs.dispose();
});

test('a session is renamed, moves to another policy and ends with its kernel', async () => {
  const serverSettings = settings(EveryFormat);
  const kernels = new KernelManager({ serverSettings });
  const sessions = new SessionManager({ kernelManager: kernels, serverSettings });
  await sessions.ready;
  const session = await sessions.startNew({
    path: 'a.ipynb',
    name: 'a',
    type: 'notebook',
    kernel: { name: 'python3' },
  });
  await session.setPath('b.ipynb');
  const first = session.kernel?.id;
  const small = await session.changeKernel({ name: 'python3-small' });
  if (small === null || small === undefined) throw new Error('no kernel after the change');
  await small.info;
  expect(small.id).not.toBe(first);
  expect((await execute(small, '2')).reply.status).toBe('ok');
  const listed = (await rest(carrel, 'GET', '/api/sessions')).json;
  expect(listed).toMatchObject([{ path: 'b.ipynb', kernel: { id: small.id, name: 'python3-small' } }]);
  await session.shutdown();
  expect((await rest(carrel, 'GET', `/api/kernels/${small.id}`)).status).toBe(404);
  sessions.dispose();
  kernels.dispose();
});
