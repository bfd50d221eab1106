/** Memory, sleep, other kernels and long outputs of worksheets, on a whole Carrel with real kernels. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { POST_MORTEM, type PostMortem } from '../../gateway/src/wire/memory-facts.ts';
import { type PolicyFolder, policyFolder } from '../fault/support/policies.ts';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { rest } from '../support/jupyter.ts';
import { newWorksheet, Page } from '../support/worksheets.ts';

const MIB = 2 ** 20;
/** Bytes that take memory when they are made, in a function that does not end. */
const FILLING = `import time
def fill():
    kept = []
    while True:
        kept.append(b"x" * (1 << 20))
        time.sleep(0.01)
start = b"y" * (20 << 20)
fill()`;

let policies: PolicyFolder;
let carrel: Carrel;
beforeAll(async () => {
  /** What is in memory for files is at most a quarter of it. */
  const files = { size: '8 MiB', inodes: 256 };
  const tight = { memory: '256 MiB', tmp: files, shm: files };
  const sleepy = { idle: '5 s', ...tight };
  const brief = { output: { perCell: '4 MiB', rate: '100 MiB' } };
  policies = await policyFolder({ tight, sleepy, brief, leaving: {} });
  carrel = await startCarrel({ CARREL_POLICIES: policies.path });
});
afterAll(async () => {
  await carrel?.stop();
  await policies?.[Symbol.asyncDispose]();
});

const model = async (id: string) => (await rest(carrel, 'GET', `/api/worksheets/${id}`)).json;
const ended = (page: Page, kernel = 'idle') =>
  page.until(`the end, then ${kernel}`, () => page.status?.running === undefined && page.status?.kernel === kernel);

function postMortem(page: Page): PostMortem {
  const cell = page.cells[0];
  const shown = (cell?.cell_type === 'code' ? cell.outputs : []).find(
    (output) => output.output_type === 'display_data',
  );
  return (shown?.output_type === 'display_data' ? shown.data[POST_MORTEM] : undefined) as PostMortem;
}

describe('memory', () => {
  test('WR26 WR22 RL40 RL41 a cell that fills it is warned of before it ends, with the variables that took it', async () => {
    const { id } = await newWorksheet(carrel, { kernelspec: 'python3-tight' });
    using page = await Page.open(carrel, id);
    await page.run(FILLING);
    const names = () => {
      const variables = page.status?.usage?.short?.variables;
      return Array.isArray(variables) ? variables.map(({ name }) => name) : variables;
    };
    await page.until('the warning with the variables', () => Array.isArray(names()));
    expect(names()).toEqual(['kept in fill', 'start']);
    expect(page.status?.usage?.memory).toBeGreaterThan(0.75 * 256 * MIB);
    await page.until('the post-mortem', () => postMortem(page) !== undefined);
    expect(postMortem(page)).toMatchObject({ policy: 'tight', limit: 256 * MIB, again: true });
    expect(postMortem(page).peak).toBeGreaterThan(0.9 * 256 * MIB);
    const [largest] = postMortem(page).variables as Exclude<PostMortem['variables'], string>;
    expect(largest).toMatchObject({ name: 'kept in fill', type: 'list' });
    expect(largest?.size).toBeGreaterThan(100 * MIB);
    await ended(page);
    await page.run('6 * 7');
    await page.until('the next cell', () => page.output() === '42');
    await page.until('no warning', () => page.status?.usage !== undefined && page.status.usage.short === undefined);
  });

  test('WR22 one allocation is too fast to be asked about, and ipykernel cannot tell: both are said', async () => {
    for (const [kernelspec, why] of [
      ['python3-tight', 'sudden'],
      ['ipykernel-tight', 'kernel'],
    ]) {
      const { id } = await newWorksheet(carrel, { kernelspec });
      using page = await Page.open(carrel, id);
      await page.run('block = b"x" * (1 << 30)');
      await page.until('the post-mortem', () => postMortem(page) !== undefined);
      expect(postMortem(page).variables).toBe(why);
      await page.command({ do: 'stop' });
    }
  });
});

describe('sleep', () => {
  test('WR27 nothing ends while a cell runs and nobody looks; then the sandbox does, which is said, and the next run wakes', async () => {
    const { id } = await newWorksheet(carrel, { kernelspec: 'python3-sleepy' });
    {
      using page = await Page.open(carrel, id);
      await page.run('import time\nfor i in range(12):\n    time.sleep(1)\nprint("through")');
    }
    await expect.poll(async () => (await model(id)).kernel, { timeout: 60_000, interval: 500 }).toBe('none');
    const { asleep_since: since } = await model(id);
    expect(Date.parse(since)).toBeGreaterThan(0);
    using page = await Page.open(carrel, id);
    expect(page.output()).toBe('through\n');
    await page.until('the status', () => page.status !== undefined);
    expect(page.status).toMatchObject({ kernel: 'none', asleep: { since, by: 'idle' } });
    await page.run('"i" in globals()');
    await page.until('the output', () => page.output() === 'False');
    await ended(page);
    expect(page.status?.asleep).toBeUndefined();
    expect((await model(id)).asleep_since).toBeNull();
  });
});

describe('other kernels', () => {
  const change = (id: string, kernelspec: string) => rest(carrel, 'PATCH', `/api/worksheets/${id}`, { kernelspec });

  test('WR28 another kernelspec ends the kernel, is in the notebook, and is what the next run uses', async () => {
    const { id } = await newWorksheet(carrel, { kernelspec: 'python3-tight' });
    using page = await Page.open(carrel, id);
    await page.run('x = 1');
    await ended(page);
    const changed = await change(id, 'python3');
    expect([changed.status, changed.json]).toMatchObject([
      200,
      { kernelspec: 'python3', kernelspec_title: 'Python 3' },
    ]);
    await page.until('the end of the kernel', () => page.status?.kernel === 'none');
    expect(page.status).toMatchObject({
      reason: expect.stringContaining('goes on with Python 3'),
      kernelspec: { name: 'python3', title: 'Python 3' },
    });
    const metadata = page.doc.getMap('meta').get('metadata') as Y.Map<unknown>;
    await page.until('the metadata', () => (metadata.get('kernelspec') as { name: string }).name === 'python3');
    await page.run('open("/sys/fs/cgroup/memory/memory.limit_in_bytes").read() if "x" not in globals() else "old"');
    await page.until('the output', () => /\d/.test(page.output()));
    expect(page.output()).toContain(String(512 * MIB));
    expect((await change(id, 'python3-none')).status).toBe(404);
    expect((await rest(carrel, 'PATCH', `/api/worksheets/${id}`, {})).status).toBe(400);
  });

  test('WR28 one that is no longer allowed is refused at the next start, with the way out', async () => {
    const { id } = await newWorksheet(carrel, { kernelspec: 'python3-leaving' });
    using page = await Page.open(carrel, id);
    const file = join(policies.path, 'leaving.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace(/allow:\n\s+everyone: true/, 'allow: {}'));
    await carrel.kill('gateway');
    await page.until('the line again', () => page.closes.length > 0 && page.provider.isSynced);
    const answer = await page.run('1');
    expect(answer).toMatchObject({
      say: 'refused',
      message: expect.stringMatching(/python3-leaving.*kernel menu.*Python 3/s),
    });
    expect(page.output()).toContain('choose another one');
    expect((await change(id, 'python3')).status).toBe(200);
    await page.run('6 * 7');
    await page.until('the output', () => page.output() === '42');
  });
});

describe('outputs', () => {
  test('WR25 WD35 100 MB of prints: the document stays small, all that the policy keeps is a file, while the sandbox lives', async () => {
    const { id } = await newWorksheet(carrel);
    using page = await Page.open(carrel, id);
    const cell = page.type('line = "x" * 90\nfor i in range(1_000_000): print(f"{i:08}", line)\nprint("the end")');
    await page.command({ do: 'run', cells: [cell] });
    await page.until('the beginning', () => page.status?.running === cell);
    await page.until('the end', () => page.status?.kernel === 'idle', 120_000);
    expect(page.output().length).toBeLessThan(600_000);
    expect(page.output()).toMatch(/^00000000 x{90}\n/);
    expect(page.output()).toMatch(/\[… [\d,]+ bytes were cut here …\]/);
    expect(Y.encodeStateAsUpdate(page.doc).length).toBeLessThan(2 * MIB);
    const [file] = page.status?.fullOutputs ?? [];
    expect(file).toMatchObject({ cell });
    const path = `/api/worksheets/${id}/cells/${cell}/output.txt`;
    const answer = await rest(carrel, 'GET', path);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; .*\.txt"/);
    expect(answer.text.length).toBe(file?.bytes);
    expect(answer.text.length).toBeGreaterThan(60 * MIB);
    const lines = answer.text.split('\n');
    expect(lines.slice(0, 600_000)).toEqual(
      Array.from({ length: 600_000 }, (_, line) => `${String(line).padStart(8, '0')} ${'x'.repeat(90)}`),
    );
    await page.command({ do: 'stop' });
    await page.until('no file', () => page.status?.fullOutputs.length === 0);
    await expect.poll(async () => (await rest(carrel, 'GET', path)).status).toBe(404);
    expect((await rest(carrel, 'GET', `/api/worksheets/${id}/cells/..%2F..%2Fx/output.txt`)).status).toBe(404);
  });

  test('WR25 nothing is missing in the file, and nothing there twice, when the gateway is killed while a cell prints', async () => {
    const { id } = await newWorksheet(carrel);
    using page = await Page.open(carrel, id);
    const cell = page.type(
      'import time\nfor i in range(300):\n    for j in range(100): print(i, j, "x" * 90)\n    time.sleep(0.02)',
    );
    await page.command({ do: 'run', cells: [cell] });
    for (const bytes of [800_000, 1_600_000]) {
      await page.until(`${bytes} bytes`, () => (page.status?.fullOutputs[0]?.bytes ?? 0) > bytes);
      await carrel.kill('gateway');
    }
    await page.until('the end', () => page.status?.kernel === 'idle' && page.output().includes('299 99 '), 60_000);
    const answer = await rest(carrel, 'GET', `/api/worksheets/${id}/cells/${cell}/output.txt`);
    const expected = Array.from({ length: 300 }, (_, i) =>
      Array.from({ length: 100 }, (_, j) => `${i} ${j} ${'x'.repeat(90)}\n`).join(''),
    ).join('');
    expect(answer.text === expected, 'all of it, once').toBe(true);
  });
});

describe('what the kernel gives for cells', () => {
  test('WR29 %load takes the place of the cell, %recall comes below it', async () => {
    const { id } = await newWorksheet(carrel);
    using page = await Page.open(carrel, id);
    await page.run('open("some.py", "w").write("x = 7\\n")');
    await ended(page);
    await page.run('%load some.py');
    await page.until('the file', () => page.cells[0]?.source === '# %load some.py\nx = 7\n');
    await ended(page);
    await page.run('%recall 1');
    await page.until('the cell below', () => page.cells.length === 2);
    expect(page.cells[1]?.source).toContain('open("some.py", "w")');
  });
});

describe('SIGKILL of the gateway', () => {
  const cell = (id: string, source: string) => ({
    ...{ cell_type: 'code', id, metadata: {}, source, outputs: [], execution_count: null },
  });
  const notebook = (...cells: object[]) => ({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells });

  test('WR23 cells that wait run in the order in which they were asked for', async () => {
    const sources = [
      cell('a', 'order.append("a"); order'),
      cell('b', 'order.append("b")'),
      cell('c', 'import time\norder = ["c"]\ntime.sleep(3)'),
    ];
    const { id } = await newWorksheet(carrel, { notebook: notebook(...sources) });
    using page = await Page.open(carrel, id);
    await page.command({ do: 'run', cells: ['c', 'b', 'a'] });
    await page.until('the run', () => page.status?.running === 'c');
    await carrel.kill('gateway');
    await page.until('the last', () => page.output(0) === "['c', 'b', 'a']", 60_000);
  });

  test('WR24 restart and run all is done all the same: everything runs, in a new kernel', async () => {
    const first = cell('a', 'import time, uuid\nn = globals().get("n", 0) + 1\ntime.sleep(0.5)');
    const { id } = await newWorksheet(carrel, {
      notebook: notebook(first, cell('b', 'print("n is", n, uuid.uuid4())')),
    });
    using page = await Page.open(carrel, id);
    await page.command({ do: 'run', cells: ['a', 'b'] });
    await page.until('the first time', () => /^n is 1 .+\n$/.test(page.output(1)) && page.status?.kernel === 'idle');
    const before = page.output(1);
    page.send({ do: 'restart', cells: ['a', 'b'] });
    await page.until('the restart', () => page.status?.queue.length === 2 || page.status?.running === 'a');
    await carrel.kill('gateway');
    await page.until('the line again', () => page.closes.length > 0 && page.provider.isSynced);
    const again = () => page.output(1) !== '' && page.output(1) !== before;
    await page.until('the end', () => page.status?.kernel === 'idle' && again(), 60_000);
    expect(page.output(1)).toMatch(/^n is 1 .+\n$/);
  });

  test('WD34 a display of before is still updated', async () => {
    const shows = cell('a', 'h = display("before", display_id=True)');
    const { id } = await newWorksheet(carrel, { notebook: notebook(shows, cell('b', 'h.update("after")')) });
    using page = await Page.open(carrel, id);
    await page.command({ do: 'run', cells: ['a'] });
    await page.until('the display', () => page.output(0) === "'before'" && page.status?.kernel === 'idle');
    await carrel.kill('gateway');
    await page.until('the line again', () => page.closes.length > 0 && page.provider.isSynced);
    await page.command({ do: 'run', cells: ['b'] });
    await page.until('the update', () => page.output(0) === "'after'");
    expect(page.cells[0]).toMatchObject({ outputs: [{ output_type: 'display_data' }] });
    expect(JSON.stringify(page.cells[0])).not.toContain('transient');
  });
});
