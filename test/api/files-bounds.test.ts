/** The bound over all files of a person, in a whole Carrel on the real engine, with a small one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FileListModel } from '../../gateway/src/wire/file-rest.ts';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { rest } from '../support/jupyter.ts';
import { newWorksheet, Page } from '../support/worksheets.ts';

let carrel: Carrel;
beforeAll(async () => {
  carrel = await startCarrel({ CARREL_FILES_PER_PERSON: '64 KiB' });
});
afterAll(() => carrel?.stop());

async function send(method: string, id: string, path: string, size = 0): Promise<[number, string]> {
  const answer = await fetch(`${carrel.url}/api/worksheets/${id}/files/${path}`, {
    method,
    headers: { Authorization: `token ${carrel.token}` },
    ...(method === 'PUT' ? { body: new Uint8Array(size * 1024) } : {}),
  });
  return [answer.status, answer.ok ? '' : (JSON.parse(await answer.text()) as { message: string }).message];
}

const shown = async (id: string) =>
  ((await rest(carrel, 'GET', `/api/worksheets/${id}/files`)).json as FileListModel).files.map(
    ({ path, kept, problem }) => [path, kept, problem],
  );

test('WF22 what a person uploads and what code writes, in all worksheets together, is kept up to CARREL_FILES_PER_PERSON', async () => {
  const [{ id: one }, { id: two }] = [await newWorksheet(carrel), await newWorksheet(carrel)];
  const { name } = (await rest(carrel, 'GET', '/api/me')).json.identity as { name: string };
  expect(await send('PUT', one, 'large.bin', 40)).toEqual([204, '']);
  expect(await send('PUT', two, 'more.bin', 30)).toEqual([
    413,
    `30 KiB are not kept: files of ${name}: 40.0 of 64.0 KiB`,
  ]);
  using page = await Page.open(carrel, two);
  await page.run(
    'open("small", "wb").write(bytes(20_000)); open("too-much", "wb").write(bytes(20_000)); print("written")',
  );
  const problem = `20 KiB are not kept: files of ${name}: 59.5 of 64.0 KiB`;
  await expect
    .poll(() => shown(two))
    .toEqual([
      ['small', true, undefined],
      ['too-much', false, problem],
    ]);
  expect((await rest(carrel, 'POST', `/api/worksheets/${one}/duplicate`)).status).toBe(201);
  expect((await send('DELETE', two, 'small'))[0]).toBe(204);
  await page.run('print("again")');
  await expect.poll(() => shown(two)).toEqual([['too-much', true, undefined]]);
  await page.command({ do: 'stop' });
});
