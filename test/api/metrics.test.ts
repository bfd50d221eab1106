/** Metrics of a whole Carrel: what was done is counted, nothing of anybody is in them, and only who has the token reads them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Carrel, freePort, startCarrel } from '../support/carrel.ts';
import { rest } from '../support/jupyter.ts';

const TOKEN = 'a-token-of-this-test-alone';
let carrel: Carrel;
let metrics: string;
beforeAll(async () => {
  const port = await freePort();
  metrics = `http://127.0.0.1:${port}/metrics`;
  const settings = { CARREL_METRICS: 'token', CARREL_METRICS_PORT: String(port), CARREL_METRICS_TOKEN: TOKEN };
  carrel = await startCarrel({ ...settings, CARREL_LOG: 'debug' });
});
afterAll(() => carrel?.stop());

const read = async (part = ''): Promise<string> =>
  (await fetch(`${metrics}${part}`, { headers: { Authorization: `Bearer ${TOKEN}` } })).text();

test('ME1 the port of the pages has no metrics, and theirs gives nothing without the token', async () => {
  expect((await fetch(`${carrel.url}/metrics`)).status).toBe(404);
  expect((await fetch(metrics)).status).toBe(401);
  expect((await fetch(metrics, { headers: { Authorization: `Bearer ${carrel.token}` } })).status).toBe(401);
});

test('ME2 ME3 what people do is counted in both processes, and no name, id or path of theirs is told', async () => {
  const { status, json } = await rest(carrel, 'POST', '/api/kernels', { name: 'python3' });
  expect(status).toBe(201);
  const title = 'Confidential diary';
  const worksheet = await rest(carrel, 'POST', '/api/worksheets', { title });
  await rest(carrel, 'GET', `/api/worksheets/${worksheet.json.id}`);
  await rest(carrel, 'GET', '/private/typed/path');
  const [gateway, warden] = [await read(), await read('/warden')];
  expect(gateway).toContain('carrel_opens_total{policy="standard",outcome="opened"} 1');
  expect(gateway).toContain('carrel_http_requests_total{method="GET",route="/api/worksheets/:id",status="200"} 1');
  expect(gateway).toContain('route="none",status="404"');
  expect(gateway).toMatch(/carrel_kernels\{policy="standard",state="\w+"\} 1/);
  for (const check of ['store', 'warden', 'policies', 'engine'])
    expect(gateway).toContain(`carrel_ready{check="${check}"} 1`);
  expect(warden).toContain('carrel_sandboxes{policy="standard",state="claimed"} 1');
  expect(warden).toContain('carrel_engine_available 1');
  const { sandboxes } = (await rest(carrel, 'GET', '/api/admin/sandboxes')).json;
  const person = (await rest(carrel, 'GET', '/api/me')).json.identity.id as string;
  const ours = [json.id, worksheet.json.id, title, person, carrel.token, TOKEN, 'private', carrel.data];
  const named = [...ours, ...sandboxes.map(({ id }: { id: string }) => id), 'admin"', '127.0.0.1'];
  for (const text of named) expect(`${gateway}\n${warden}`).not.toContain(text);
});

test('RI1 the id of a request stands in the lines of both processes', async () => {
  const answer = await fetch(`${carrel.url}/api/kernels`, {
    method: 'POST',
    headers: { Authorization: `token ${carrel.token}`, 'X-Request-Id': 'complaint-17' },
    body: '{"name":"python3"}',
  });
  expect([answer.status, answer.headers.get('x-request-id')]).toEqual([201, 'complaint-17']);
  const parts = () => {
    const lines = carrel
      .log()
      .split('\n')
      .filter((line) => line.includes('"request":"complaint-17"'));
    return new Set(lines.map((line) => (JSON.parse(line) as { part: string }).part));
  };
  await expect.poll(parts).toEqual(new Set(['gateway', 'warden']));
});

test('HE1 HE2 a warden that stands still makes the gateway not ready, and it lives on; a killed one comes back', async () => {
  const look = async (path: string) => (await fetch(`${carrel.url}${path}`)).status;
  const patience = { timeout: 60_000 };
  await expect.poll(() => look('/readyz'), patience).toBe(200);
  const warden = await carrel.pid('warden');
  process.kill(warden, 'SIGSTOP');
  await expect.poll(() => look('/readyz'), patience).toBe(503);
  expect(await look('/healthz')).toBe(200);
  expect((await fetch(`${metrics}/warden`, { headers: { Authorization: `Bearer ${TOKEN}` } })).status).toBe(504);
  expect(await read()).toContain('carrel_ready{check="warden"} 0');
  process.kill(warden, 'SIGKILL');
  await expect.poll(() => look('/readyz'), patience).toBe(200);
});

test('ME1 a mode that needs a token does not start without one', async () => {
  const failing = startCarrel({ CARREL_METRICS: 'token' });
  await expect(failing).rejects.toThrow('expected CARREL_METRICS_TOKEN');
});
