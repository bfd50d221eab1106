/** Worksheets of a whole Carrel: edits and outputs are in the document, whatever ends in between. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { rest } from '../support/jupyter.ts';
import { newWorksheet, Page } from '../support/worksheets.ts';

let carrel: Carrel;
beforeAll(async () => {
  carrel = await startCarrel();
});
afterAll(() => carrel?.stop());

/** What a person sees who opens it now. */
async function look(id: string, holds: (page: Page) => boolean): Promise<void> {
  using page = await Page.open(carrel, id);
  await page.until('what was expected', () => holds(page));
}

test('a cell is run by the server; everybody who is in the worksheet sees its output, and who comes later', async () => {
  const { id } = await newWorksheet(carrel, { title: 'Sums' });
  {
    using one = await Page.open(carrel, id);
    using two = await Page.open(carrel, id);
    expect(await one.run('1 + 1')).toMatchObject({ say: 'done' });
    for (const page of [one, two]) {
      await page.until('the output', () => page.output() === '2');
      await page.until('the status', () => page.status?.kernel === 'idle');
    }
    expect(two.cells).toMatchObject([{ source: '1 + 1', execution_count: 1 }]);
    two.type('40 + 2');
    await two.saved();
    await one.until('the edit of the other', () => one.cells[0]?.source === '40 + 2');
  }
  await look(id, (page) => page.cells[0]?.source === '40 + 2' && page.output() === '2');
  const [listed] = (await rest(carrel, 'GET', '/api/worksheets')).json;
  expect(listed).toMatchObject({ id, title: 'Sums', kernel: 'idle', kernelspec: 'python3' });
});

test('a cell goes on when everybody leaves, and its output is there for whoever comes', async () => {
  const { id } = await newWorksheet(carrel);
  {
    using page = await Page.open(carrel, id);
    await page.run('import time\nfor i in range(6):\n    print(i, flush=True)\n    time.sleep(0.5)');
    await page.until('the first line', () => page.output().startsWith('0\n'));
  }
  await expect
    .poll(async () => (await rest(carrel, 'GET', `/api/worksheets/${id}`)).json.kernel, { timeout: 20_000 })
    .toBe('idle');
  await look(id, (page) => page.output() === '0\n1\n2\n3\n4\n5\n');
});

describe('WS3 SIGKILL of the gateway in the middle of a cell', () => {
  const code = 'import time\nfor i in range(20):\n    print("line", i, flush=True)\n    time.sleep(0.2)\nprint("end")';
  const lines = `${Array.from({ length: 20 }, (_, index) => `line ${index}\n`).join('')}end\n`;

  test('acknowledged edits and all of the output are there afterwards, in pages that stayed and in new ones', async () => {
    const { id } = await newWorksheet(carrel, { notebook: notebook('', '# a second cell') });
    using page = await Page.open(carrel, id);
    await page.run(code);
    await page.until('line 3', () => page.output().includes('line 3\n'));
    page.type('edited while it ran', 1);
    await page.saved();
    await carrel.kill('gateway');
    await page.until('all lines', () => page.output() === lines, 60_000);
    await page.until('the end', () => page.status?.kernel === 'idle');
    await look(id, (other) => other.output() === lines && other.cells[1]?.source === 'edited while it ran');
    await page.run('print(i)');
    await page.until('the variables', () => page.output() === '19\n');
  });

  test('WS7 also where nobody looks', async () => {
    const { id } = await newWorksheet(carrel);
    {
      using page = await Page.open(carrel, id);
      await page.run(code);
      await page.until('line 3', () => page.output().includes('line 3\n'));
    }
    await carrel.kill('gateway');
    const state = async () => (await rest(carrel, 'GET', `/api/worksheets/${id}`).catch(() => undefined))?.json?.kernel;
    await expect.poll(state, { timeout: 60_000 }).toBe('idle');
    await look(id, (page) => page.output() === lines);
  });

  test('edits that were made again and again while it was killed are not lost once they are acknowledged', async () => {
    const { id } = await newWorksheet(carrel);
    for (let round = 0; round < 5; round += 1) {
      using page = await Page.open(carrel, id);
      for (let edit = 0; edit < 50; edit += 1) {
        page.type(`round ${round}, edit ${edit}`);
        if (edit % 10 === 9) await page.saved();
      }
      await carrel.kill('gateway');
      /** So that it cannot bring its edits again. */
      page.close();
      await look(id, (other) => other.cells[0]?.source === `round ${round}, edit 49`);
    }
  });
});

test('WS12 a worksheet that is moved to the trash ends its kernel and its pages; restored it is as it was', async () => {
  const { id } = await newWorksheet(carrel);
  using page = await Page.open(carrel, id);
  await page.run('x = 5\nx');
  await page.until('the output', () => page.output() === '5');
  expect((await rest(carrel, 'DELETE', `/api/worksheets/${id}`)).status).toBe(204);
  await page.until('a reason', () => page.denied !== undefined);
  expect(page.denied).toMatch(/in the trash/);
  expect((await rest(carrel, 'GET', `/api/kernels/${id}`)).status).toBe(404);
  await rest(carrel, 'POST', `/api/worksheets/${id}/restore`);
  await look(id, (other) => other.output() === '5');
});

const notebook = (...sources: string[]) => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {},
  cells: sources.map((source, index) => ({
    cell_type: 'code',
    id: `cell-${index}`,
    metadata: {},
    source,
    outputs: [],
    execution_count: null,
  })),
});
