/** Jupyter's own programs as Debian packages them, unmodified: nbclient, and JupyterLab's and Notebook's servers in front. */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Carrel, freePort, startCarrel } from '../support/carrel.ts';
import { openKernel, rest, type Server } from '../support/jupyter.ts';

let carrel: Carrel;
beforeAll(async () => {
  carrel = await startCarrel();
});
afterAll(async () => {
  await carrel?.stop();
});

test('nbclient runs a notebook although its socket carries no token', async () => {
  const script = join(import.meta.dirname, 'run_notebook.py');
  const { stdout } = await promisify(execFile)('/usr/bin/python3', [script, carrel.url, carrel.token], {
    timeout: 90_000,
  });
  expect(JSON.parse(stdout)).toEqual(['from the kernel\n', '42', '45']);
  expect((await rest(carrel, 'GET', '/api/kernels')).json).toEqual([]);
});

/** Starts one of Debian's servers with `--gateway-url` and answers its address once it listens. */
async function startFront(program: string, section: string): Promise<Server & AsyncDisposable> {
  const port = await freePort();
  const home = await mkdtemp(join(tmpdir(), 'carrel-front-'));
  const token = 'front';
  const args = [
    `--gateway-url=${carrel.url}`,
    `--GatewayClient.auth_token=${carrel.token}`,
    '--no-browser',
    '--allow-root',
    `--port=${port}`,
    `--${section}.token=${token}`,
    `--${section}.${section === 'NotebookApp' ? 'notebook_dir' : 'root_dir'}=${home}`,
  ];
  const child = spawn(program, args, { env: { PATH: '/usr/bin:/bin', HOME: home }, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  child.stdout.on('data', (chunk) => (log += chunk));
  child.stderr.on('data', (chunk) => (log += chunk));
  const front = { url: `http://127.0.0.1:${port}`, token };
  const listens = () =>
    rest(front, 'GET', '/api/kernelspecs').then(
      (answer) => answer.status === 200,
      () => false,
    );
  await expect.poll(listens, { timeout: 40_000, interval: 200, message: () => log } as never).toBe(true);
  return {
    ...front,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await rm(home, { recursive: true, force: true });
    },
  };
}

for (const [program, section] of [
  ['/usr/bin/jupyter-server', 'ServerApp'],
  ['/usr/bin/jupyter-notebook', 'NotebookApp'],
] as const) {
  test(`${program} --gateway-url: kernelspecs, run, interrupt, restart, delete`, async () => {
    await using front = await startFront(program, section);
    const specs = (await rest(front, 'GET', '/api/kernelspecs')).json;
    expect(specs.kernelspecs['python3-large'].spec.display_name).toBe('Python 3 (large)');
    // these servers speak the default format only
    const kernel = await openKernel(front, { name: 'python3' }, 'default');
    expect((await kernel.run('print("through", "two servers")')).text).toBe('through two servers\n');
    const endless = kernel.execute('print("go", flush=True)\nwhile True: pass');
    await kernel.until(
      'output',
      (message) => message.header.msg_type === 'stream' && message.parent_header.msg_id === endless,
    );
    expect((await rest(front, 'POST', `/api/kernels/${kernel.id}/interrupt`)).status).toBe(204);
    expect((await kernel.reply(endless)).content.ename).toBe('KeyboardInterrupt');
    expect((await rest(front, 'POST', `/api/kernels/${kernel.id}/restart`)).status).toBe(200);
    expect((await kernel.run('1+1')).reply.content.execution_count).toBe(1);
    expect((await rest(front, 'DELETE', `/api/kernels/${kernel.id}`)).status).toBe(204);
    expect((await rest(carrel, 'GET', '/api/kernels')).json).toEqual([]);
  });
}
