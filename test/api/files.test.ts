/** Files of worksheets in a whole Carrel: kept, put into sandboxes, taken out of them, whatever ends in between. */
import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FileListModel } from '../../gateway/src/wire/file-rest.ts';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { rest } from '../support/jupyter.ts';
import { newWorksheet, Page } from '../support/worksheets.ts';

let carrel: Carrel;
beforeAll(async () => {
  carrel = await startCarrel();
});
afterAll(() => carrel?.stop());

const at = (id: string, path: string) =>
  `/api/worksheets/${id}/files/${path.split('/').map(encodeURIComponent).join('/')}`;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  readonly message: string | undefined;
}

async function call(method: string, path: string, body?: Buffer | string): Promise<Answer> {
  const response = await fetch(`${carrel.url}${path}`, {
    method,
    headers: { Authorization: `token ${carrel.token}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
  });
  const content = Buffer.from(await response.arrayBuffer());
  let message: string | undefined;
  if (!response.ok) message = JSON.parse(content.toString()).message;
  return { status: response.status, headers: response.headers, body: content, message };
}

/** What answers a request of which only the head was sent. */
function head(path: string, headers: Record<string, string | number>): Promise<{ status: number; message: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; message: string }>();
  const sent = request(`${carrel.url}${path}`, {
    method: 'PUT',
    headers: { Authorization: `token ${carrel.token}`, ...headers },
  });
  sent.on('error', reject).on('response', async (response) => {
    const { message } = JSON.parse(await text(response));
    resolve({ status: response.statusCode ?? 0, message });
    sent.destroy();
  });
  sent.flushHeaders();
  return promise;
}

const put = (id: string, path: string, body: Buffer | string) => call('PUT', at(id, path), body);
const get = (id: string, path: string) => call('GET', at(id, path));
const list = async (id: string): Promise<FileListModel> =>
  (await rest(carrel, 'GET', `/api/worksheets/${id}/files`)).json;
const shown = async (id: string) =>
  (await list(id)).files.map(({ path, kept, in_sandbox }) => [path, kept, in_sandbox] as const);

/** When the first cell ended last, as the document says. */
function endOf(page: Page): unknown {
  const { execution } = (page.cells[0]?.metadata ?? {}) as { execution?: Record<string, unknown> };
  return execution?.['shell.execute_reply'];
}

/** Runs code and answers what it printed. */
async function run(page: Page, code: string): Promise<string> {
  const before = endOf(page);
  expect(await page.run(code)).toMatchObject({ say: 'done' });
  await page.until('the end of the cell', () => ![undefined, before].includes(endOf(page)));
  return page.output();
}

/** Ends the sandbox as the page's button does. */
async function stop(page: Page): Promise<void> {
  await page.command({ do: 'stop' });
  await page.until('the end of the sandbox', () => page.status?.kernel === 'none');
}

test('WF1 WF4 WF5 a file that is uploaded is read by code, what code writes is kept, and a new sandbox has both', async () => {
  const { id } = await newWorksheet(carrel);
  expect((await put(id, 'data/in.csv', 'a,b\n1,2\n')).status).toBe(204);
  expect(await shown(id)).toEqual([['data/in.csv', true, false]]);
  using page = await Page.open(carrel, id);
  expect(await run(page, 'print(open("data/in.csv").read(), end="")')).toBe('a,b\n1,2\n');
  await run(page, 'open("out.txt", "w").write("of the code")\nprint("written")');
  await expect
    .poll(() => shown(id))
    .toEqual([
      ['data/in.csv', true, true],
      ['out.txt', true, true],
    ]);
  await stop(page);
  await expect
    .poll(() => shown(id))
    .toEqual([
      ['data/in.csv', true, false],
      ['out.txt', true, false],
    ]);
  expect(await run(page, 'print(open("out.txt").read(), open("data/in.csv").read())')).toBe('of the code a,b\n1,2\n\n');
  expect((await get(id, 'out.txt')).body.toString()).toBe('of the code');
});

describe('uploads', () => {
  test('WF2 WF11 what does not fit is refused before it is read, and what has no length', async () => {
    const { id } = await newWorksheet(carrel);
    expect(await head(at(id, 'large.bin'), { 'Content-Length': 500 * 2 ** 20 })).toEqual({
      status: 413,
      message: '500 MiB are not kept: 0 B of 40 MiB are used',
    });
    expect(await head(at(id, 'x.bin'), { 'Transfer-Encoding': 'chunked' })).toEqual({
      status: 400,
      message: 'an upload needs a Content-Length',
    });
    expect((await put(id, '.profile', 'x')).message).toBe(
      'this file cannot be kept: names that begin with a dot are not kept',
    );
    await rest(carrel, 'DELETE', `/api/worksheets/${id}`);
    expect(await put(id, 'x', 'x')).toMatchObject({ status: 409, message: /trash/ });
  });

  test('WF1 WF11 one that was answered survives SIGKILL of the gateway; one that was cut off leaves nothing', async () => {
    const { id } = await newWorksheet(carrel);
    const body = randomBytes(3 * 2 ** 20);
    expect((await put(id, 'kept.bin', body)).status).toBe(204);
    const cut = request(`${carrel.url}${at(id, 'cut.bin')}`, {
      method: 'PUT',
      headers: { Authorization: `token ${carrel.token}`, 'Content-Length': 2 ** 20 },
    });
    cut.on('error', () => {});
    cut.write(Buffer.alloc(2 ** 19));
    await carrel.kill('gateway');
    const files = () => shown(id).catch(() => undefined);
    await expect.poll(files, { timeout: 60_000 }).toEqual([['kept.bin', true, false]]);
    expect((await get(id, 'kept.bin')).body.equals(body)).toBe(true);
    /** The content of the one that was cut off is swept by the process that follows. */
    await expect.poll(() => readdir(join(carrel.data, 'files'))).toHaveLength(await keptBlobs());
  });

  test('WF15 viewers read, runners too, editors write, strangers know of nothing', async () => {
    const { id } = await newWorksheet(carrel);
    await put(id, 'a.txt', 'a');
    expect((await carrel.command('user', 'add', 'bob')).code).toBe(0);
    const token = /token=([^\s&]+)/.exec((await carrel.command('user', 'token', 'bob')).out)?.[1] ?? '';
    const bob = async (method: string, path: string) =>
      (
        await fetch(`${carrel.url}${path}`, {
          ...{ method, headers: { Authorization: `token ${token}` } },
          ...(method === 'PUT' ? { body: 'b' } : {}),
        })
      ).status;
    const all = async () => [
      await bob('GET', `/api/worksheets/${id}/files`),
      await bob('GET', at(id, 'a.txt')),
      await bob('PUT', at(id, 'b.txt')),
      await bob('DELETE', at(id, 'b.txt')),
    ];
    expect(await all()).toEqual([404, 404, 404, 404]);
    for (const [role, write] of [
      ['viewer', 403],
      ['runner', 403],
      ['editor', 204],
    ] as const) {
      expect((await rest(carrel, 'PUT', `/api/worksheets/${id}/shares/bob`, { role })).status).toBeLessThan(300);
      expect(await all()).toEqual([200, 200, write, write]);
    }
  });

  test('WF16 what is downloaded is an attachment that nothing can be made of', async () => {
    const { id } = await newWorksheet(carrel);
    for (const name of ['page.html', 'a"; filename=b.exe', "x'%0d%0aSet-Cookie: a=b", 'ünïcode ☃.svg']) {
      expect((await put(id, name, '<script>alert(1)</script>')).status).toBe(204);
      const { headers } = await get(id, name);
      expect(headers.get('content-type')).toBe('application/octet-stream');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
      expect(headers.get('content-disposition')).toMatch(
        /^attachment; filename="[\w .()-]+"; filename\*=UTF-8''[\w%.~!-]+$/,
      );
      expect(headers.get('set-cookie')).toBeNull();
    }
  });
});

describe('with a sandbox', () => {
  test('WF2 WF5 what does not fit is told, what is smaller is kept; links and hidden files are neither', async () => {
    const { id } = await newWorksheet(carrel);
    using page = await Page.open(carrel, id);
    await run(
      page,
      `import os
open("large.bin", "wb").write(bytes(41 << 20))
open("small.txt", "w").write("s")
os.makedirs(".cache/x", exist_ok=True); open(".cache/x/y", "w").write("hidden")
os.symlink("/etc/passwd", "link.txt"); os.symlink("/etc", "folder"); os.mkfifo("pipe")
print("ready")`,
    );
    await expect
      .poll(() => shown(id))
      .toEqual([
        ['large.bin', false, true],
        ['small.txt', true, true],
      ]);
    const { files } = await list(id);
    expect(files[0]?.problem).toBe('41 MiB are not kept: 0 B of 40 MiB are used');
    for (const path of ['link.txt', 'folder/passwd', 'pipe']) expect((await get(id, path)).status).toBe(409);
    expect((await get(id, 'small.txt')).body.toString()).toBe('s');
  });

  test('WF7 WF8 WF9 WF14 uploads reach a cell that runs; what code or a person deletes stays deleted; a restart keeps the rest', async () => {
    const { id } = await newWorksheet(carrel);
    using page = await Page.open(carrel, id);
    await page.run('import os, time\nwhile not os.path.exists("go"):\n    time.sleep(0.05)\nprint("went")');
    await page.until('the cell runs', () => page.status?.kernel === 'busy');
    for (const name of ['a.txt', 'b.txt', 'c.txt', 'go']) expect((await put(id, name, name)).status).toBe(204);
    await page.until('the end of the cell', () => page.output() === 'went\n' && endOf(page) !== undefined);
    await run(page, 'os.remove("a.txt"); open("b.txt", "w").write("of code"); print(sorted(os.listdir()))');
    expect((await call('DELETE', at(id, 'c.txt'))).status).toBe(204);
    const rest = [
      ['b.txt', true, true],
      ['go', true, true],
    ];
    await expect.poll(() => shown(id)).toEqual(rest);
    await page.command({ do: 'restart' });
    await page.until('the restart', () => page.status?.kernel === 'idle');
    expect(await run(page, 'import os; print([name for name in sorted(os.listdir()) if name[0] != "."])')).toBe(
      "['b.txt', 'go']\n",
    );
    await stop(page);
    expect((await get(id, 'b.txt')).body.toString()).toBe('of code');
    expect((await list(id)).files.map(({ path }) => path)).toEqual(['b.txt', 'go']);
  });

  test('AF27 WF5 a cell reaches neither the process that carries files nor what it writes by links', async () => {
    const { id } = await newWorksheet(carrel);
    using page = await Page.open(carrel, id);
    await run(
      page,
      `import os, shutil, signal, threading, time
os.makedirs("real/sub")
open("real/sub/a.txt", "w").write("a")
reached, swaps, stop = [], 0, False
def attack():
    global swaps
    mine = os.getpid()
    while not stop:
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) not in (1, mine):
                try:
                    os.kill(int(name), signal.SIGKILL)
                    reached.append(name)
                except OSError: pass
                try:
                    open(f"/proc/{name}/mem", "r+b").close()
                    reached.append(name)
                except OSError: pass
        try:
            os.rename("real", ".aside"); os.symlink("/etc", "real"); time.sleep(0.001)
            os.unlink("real"); os.rename(".aside", "real")
            swaps += 1
        except OSError:  # A file came in meanwhile: from the beginning.
            if os.path.islink("real"): os.unlink("real")
            for name in ("real", ".aside"): shutil.rmtree(name, ignore_errors=True)
            os.makedirs("real/sub", exist_ok=True)
thread = threading.Thread(target=attack); thread.start()
print("begun")`,
    );
    for (let round = 0; round < 30; round += 1) {
      await put(id, 'real/hostname', `round ${round}`);
      await list(id);
      const { body } = await get(id, 'real/passwd');
      expect(body.toString()).not.toContain('root:');
    }
    expect(
      await run(page, 'alive = thread.is_alive()\nstop = True\nthread.join()\nprint(reached, alive, swaps > 20)'),
    ).toBe('[] True True\n');
    expect((await put(id, 'after.txt', 'x')).status).toBe(204);
    expect(await run(page, 'print(open("after.txt").read())')).toBe('x\n');
  });

  test('AF23 WF13 a large file goes in and out while a cell prints, and all of both arrives', async () => {
    const { id } = await newWorksheet(carrel);
    using page = await Page.open(carrel, id);
    await page.run('import os, time\nn = 0\nwhile not os.path.exists("go"):\n    n += 1; print(n); time.sleep(0.002)');
    await page.until('output', () => page.output().includes('3\n'));
    const body = randomBytes(38 * 2 ** 20);
    expect((await put(id, 'large.bin', body)).status).toBe(204);
    expect((await get(id, 'large.bin')).body.equals(body)).toBe(true);
    await put(id, 'go', '');
    await page.until('the end of the cell', () => page.status?.kernel === 'idle');
    const numbers = page.output().trimEnd().split('\n').map(Number);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    const hash = createHash('sha256').update(body).digest('hex');
    expect(await run(page, 'import hashlib\nprint(hashlib.sha256(open("large.bin", "rb").read()).hexdigest())')).toBe(
      `${hash}\n`,
    );
  });

  test('WF1 WF4 WF7 the gateway is killed again and again between and under them, and nothing that was kept is lost', async () => {
    const { id } = await newWorksheet(carrel);
    const bodies = new Map<string, string>();
    using page = await Page.open(carrel, id);
    for (let round = 0; round < 6; round += 1) {
      const upload = `up${round}.txt`;
      await expect.poll(async () => (await put(id, upload, upload).catch(() => undefined))?.status, LONG).toBe(204);
      bodies.set(upload, upload);
      await run(page, `open("code${round}.txt", "w").write("c${round}")\nprint(${round})`);
      if (round % 2 === 0) {
        await expect.poll(async () => (await shown(id)).filter(([, kept]) => !kept), LONG).toEqual([]);
        await carrel.kill('gateway');
        await page.until('the line', () => page.status?.kernel !== undefined && page.provider.isSynced, 60_000);
      } else {
        await stop(page);
      }
      bodies.set(`code${round}.txt`, `c${round}`);
      const seen = async () => (await list(id).catch(() => undefined))?.files.map(({ path }) => path);
      await expect.poll(seen, LONG).toEqual([...bodies.keys()].sort());
    }
    const code = `print([open(name).read() for name in ${JSON.stringify([...bodies.keys()])}] == ${JSON.stringify([...bodies.values()])})`;
    expect(await run(page, code)).toBe('True\n');
  });
});

test('WF17 a copy of a worksheet has its files', async () => {
  const { id } = await newWorksheet(carrel);
  await put(id, 'a.txt', 'a');
  const copy = (await rest(carrel, 'POST', `/api/worksheets/${id}/duplicate`)).json.id;
  await call('DELETE', at(id, 'a.txt'));
  expect((await get(copy, 'a.txt')).body.toString()).toBe('a');
});

const LONG = { timeout: 60_000 };

/** How many files are kept in all worksheets. */
async function keptBlobs(): Promise<number> {
  const worksheets: { id: string }[] = [
    ...(await rest(carrel, 'GET', '/api/worksheets')).json,
    ...(await rest(carrel, 'GET', '/api/worksheets?trashed=1')).json,
  ];
  const lists = await Promise.all(worksheets.map(({ id }) => list(id)));
  return lists.reduce((sum, { used }) => sum + used.count, 0);
}
