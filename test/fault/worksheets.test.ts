/** The gateway is killed again and again while a cell prints and a page edits: what was acknowledged is there afterwards. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newWorksheet, Page } from '../support/worksheets.ts';
import { GatewayProcess } from './support/gateway.ts';

/** On a PostgreSQL a gateway takes the database over each time, which takes longer. */
const KILLS = process.env['TEST_POSTGRES'] === undefined ? 50 : 15;

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await GatewayProcess.start();
});
afterAll(() => gateway?.[Symbol.asyncDispose]());

/** One line every 20 ms; the lines of 50 kills fit into what a cell's output keeps. */
const PRINTING = 'import time\nn = 0\nwhile True:\n    print("line", n, flush=True)\n    n += 1\n    time.sleep(0.02)';

const linesOf = (page: Page): string[] =>
  page
    .output(1)
    .split('\n')
    .filter((line) => line.startsWith('line '));

test(`WS3 SIGKILL of the gateway ${KILLS} times under load loses no acknowledged edit and no line, and doubles none`, async () => {
  const cell = (id: string, source: string) => ({
    cell_type: 'code',
    id,
    metadata: {},
    source,
    outputs: [],
    execution_count: null,
  });
  const notebook = { nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell('text', ''), cell('loop', PRINTING)] };
  const { id } = await newWorksheet(gateway, { notebook });
  {
    using page = await Page.open(gateway, id);
    await page.command({ do: 'run', cells: ['loop'] });
  }
  let seen = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const page = await Page.open(gateway, id);
    await page.until('more lines', () => linesOf(page).length > seen);
    let acknowledged = -1;
    const begun = Date.now();
    const length = 20 + ((kill * 37) % 100);
    for (let edit = 0; Date.now() - begun < length; edit += 1) {
      page.type(`kill ${kill}, edit ${edit}`);
      if (edit % 3 === 0) {
        await page.saved();
        acknowledged = edit;
      } else await new Promise((next) => setTimeout(next, 1));
    }
    const before = linesOf(page).length;
    gateway.kill();
    /** So that it cannot bring its edits again. */
    page.close();
    using after = await Page.open(gateway, id);
    const [, killed, edit] = /^kill (\d+), edit (\d+)$/.exec(after.cells[0]?.source ?? '') ?? [];
    expect([Number(killed), Number(edit) >= acknowledged, acknowledged >= 0]).toEqual([kill, true, true]);
    const lines = linesOf(after);
    expect(lines.length).toBeGreaterThanOrEqual(before);
    expect(lines).toEqual(lines.map((_, index) => `line ${index}`));
    seen = lines.length;
  }
  using page = await Page.open(gateway, id);
  await page.command({ do: 'interrupt' });
  await page.until('the end', () => page.status?.kernel === 'idle');
  expect(page.output(1)).toContain('KeyboardInterrupt');
});
