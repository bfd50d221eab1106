/** `GET /api/worksheets/:id/html`. Rules: docs/spec/worksheet-export.md. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestEdge, testEdge } from '../support/edge.ts';
import { type Answer, rest, type Server } from '../support/jupyter.ts';

let edge: TestEdge;
let eve: Server;
beforeAll(async () => {
  edge = await testEdge();
  eve = { url: edge.url, token: (await edge.person('eve')).token };
});
afterAll(() => edge[Symbol.asyncDispose]());

const code = (source: string, outputs: object[] = []) => ({
  ...{ cell_type: 'code', metadata: {}, source, outputs, execution_count: null },
});
async function worksheet(title: string, cells: object[], who: Server = edge): Promise<string> {
  const notebook = { nbformat: 4, nbformat_minor: 4, metadata: {}, cells };
  const answer = await rest(who, 'POST', '/api/worksheets', { title, notebook });
  expect(answer.status, answer.text).toBe(201);
  return answer.json.id;
}
const get = (id: string, who: Server = edge): Promise<Answer> => rest(who, 'GET', `/api/worksheets/${id}/html`);

test('WX9 WS17 it is a download with the worksheet’s name, and runs nothing where a browser shows it', async () => {
  const id = await worksheet('Tides "1/2"\u202e', [code('print(1)')]);
  const { status, headers, text } = await get(id);
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(headers.get('content-disposition')).toBe(
    `attachment; filename="Tides -1-2-.html"; filename*=UTF-8''Tides%20-1-2-.html`,
  );
  expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
  expect(text).toContain('<title>Tides &quot;1/2&quot;</title>');
  expect(text).toContain('<span class="tok-variableName">print</span>');
});

test('WX9 who may not read the worksheet gets nothing, and those of nobody are as unknown', async () => {
  const id = await worksheet('Mine', [code('secret')]);
  for (const answer of [await get(id, eve), await get('6f1c4a3e-0000-4000-8000-0123456789ab')])
    expect([answer.status, answer.text.includes('secret')]).toEqual([404, false]);
});

test('WX9 its words are German for who asks for German', async () => {
  const id = await worksheet('Worte', [code('', [{ output_type: 'display_data', metadata: {}, data: { 'x/y': '' } }])]);
  const headers = { Authorization: `token ${edge.token}`, 'Accept-Language': 'de-AT,de;q=0.9,en;q=0.5' };
  const answer = await fetch(`${edge.url}/api/worksheets/${id}/html`, { headers });
  expect(await answer.text()).toContain('Eine Ausgabe der Art x/y');
});

test('WX8 while files are made, one after the other, others are answered; too many at once are refused', async () => {
  /** Two of each person (WX10). */
  const jobs: (readonly [string, Server])[] = [];
  for (let n = 0; n < 12; n += 1) {
    const who = { url: edge.url, token: (await edge.person(`often-${n}`)).token };
    const job = [await worksheet('Often', [code('print(1)')], who), who] as const;
    jobs.push(job, job);
  }
  let left = jobs.length;
  const all = jobs.map(async ([id, who]) => {
    const { status } = await get(id, who);
    left -= 1;
    return status;
  });
  let answered = 0;
  while (left > 0) {
    expect((await rest(edge, 'GET', '/api/worksheets')).status).toBe(200);
    answered += 1;
    /** One person may ask 6,000 times a minute. */
    await new Promise((next) => setTimeout(next, 15));
  }
  expect((await Promise.all(all)).sort()).toEqual([...Array(20).fill(200), ...Array(4).fill(503)]);
  expect(answered).toBeGreaterThan(24);
});
