/** The metrics' names, labels and port; that those of the dashboard and of the alert rules exist. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { CarrelError } from '../base/errors.ts';
import { silentLogger } from '../base/ports.ts';
import { GatewayMetrics } from './gateway-metrics.ts';
import { isLoopback, type MetricsServerOptions, serveMetrics } from './metrics-server.ts';
import { WardenMetrics } from './warden-metrics.ts';

const root = resolve(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

async function bothTexts(): Promise<string> {
  const gateway = new GatewayMetrics('1.0.0');
  gateway.request('GET', '/api/kernels/:id', 200);
  gateway.opened('standard', 'opened', 0.3);
  gateway.opened('standard', 'no_capacity', 4);
  gateway.executed('standard', 2);
  gateway.outputCut('standard', 1000);
  gateway.stored('select', 0.001, false);
  gateway.stored('insert', 0.001, true);
  const kernels = new Map([['standard', new Map([['idle', 2]])]]);
  const checks = [{ check: 'store', passed: false }];
  gateway.watch(async () => ({ kernels, sockets: 3, worksheets: 4, documentBytes: 5, checks, backupAge: 3600 }));
  const warden = new WardenMetrics('1.0.0');
  warden.started('standard', 1);
  warden.startFailed('standard');
  warden.heard({ type: 'exit', sandbox: '0'.repeat(16) as never, reason: 'idle' as never });
  warden.heard({ type: 'out-of-memory', sandbox: '0'.repeat(16) as never });
  const pool = { policy: 'standard' as never, ready: 1, starting: 2, min: 3, max: 4, waiting: 5, trouble: 'no image' };
  warden.watch({
    list: () => [
      { id: 'a' as never, policy: 'standard' as never, state: 'ready', pooled: true, memoryLimit: 1, createdAt: 0 },
    ],
    status: () => ({
      engine: { available: true, message: 'docker' },
      memory: { used: 7, share: 8 },
      sandboxes: { used: 1, share: 200 },
      pools: [pool],
    }),
  });
  return `${await gateway.text()}\n${await warden.text()}`;
}

test('what happens is counted, what there is is told', async () => {
  const lines = (await bothTexts()).split('\n');
  for (const expected of [
    'carrel_http_requests_total{method="GET",route="/api/kernels/:id",status="200"} 1',
    'carrel_opens_total{policy="standard",outcome="no_capacity"} 1',
    'carrel_open_seconds_count{policy="standard"} 1',
    'carrel_execute_seconds_sum{policy="standard"} 2',
    'carrel_output_cut_bytes_total{policy="standard"} 1000',
    'carrel_store_failures_total{kind="insert"} 1',
    'carrel_kernels{policy="standard",state="idle"} 2',
    'carrel_sockets 3',
    'carrel_worksheets_open 4',
    'carrel_document_bytes 5',
    'carrel_backup_age_seconds 3600',
    'carrel_ready{check="store"} 0',
    'carrel_sandboxes{policy="standard",state="ready"} 1',
    'carrel_queue_length{policy="standard"} 5',
    'carrel_pool_troubled{policy="standard"} 1',
    'carrel_out_of_memory_kills_total 1',
    'carrel_engine_available 1',
  ])
    expect(lines).toContain(expected);
});

test('ME3 the labels are those that this list was written for', async () => {
  const labels = new Set<string>();
  for (const line of (await bothTexts()).split('\n'))
    if (line.startsWith('carrel_')) for (const [, name = ''] of line.matchAll(/[{,](\w+)="/g)) labels.add(name);
  const known = [
    'version',
    'node',
    'method',
    'route',
    'status',
    'policy',
    'outcome',
    'kind',
    'state',
    'check',
    'reason',
  ];
  expect([...labels].sort()).toEqual([...known, 'le'].sort());
});

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly runbook_url: string };
}
const rules = (): Rule[] =>
  (parse(read('ops/prometheus/alerts.yaml')) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);

test('ME4 every metric that dashboard and alerts name exists', async () => {
  const text = await bothTexts();
  const known = new Set(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
  const panels = JSON.stringify(JSON.parse(read('ops/grafana/dashboard.json')));
  const named = [
    ...`${panels} ${rules()
      .map(({ expr }) => expr)
      .join(' ')}`.matchAll(/\b(carrel|nodejs|process)_\w+/g),
  ];
  const names = new Set(named.map(([name]) => name));
  expect(names.size).toBeGreaterThan(20);
  expect([...names].filter((name) => !known.has(name))).toEqual([]);
});

test('ME4 every alert leads to its section of the incident guide, and every section about an alert to one that there is', () => {
  const heads = [...read('docs/admin/incidents.md').matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
  expect(
    rules()
      .map(({ alert }) => alert)
      .sort(),
  ).toEqual(heads.sort());
  for (const { alert, annotations } of rules())
    expect(annotations.runbook_url).toMatch(new RegExp(`docs/admin/incidents\\.md#${alert.toLowerCase()}$`));
});

const ask = (port: number, path: string, authorization?: string): Promise<{ status: number; text: string }> =>
  new Promise((done, fail) => {
    const headers = authorization === undefined ? {} : { authorization };
    const asked = request({ port, host: '127.0.0.1', path, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => done({ status: response.statusCode ?? 0, text }));
    });
    asked.on('error', fail);
    asked.end();
  });

const options = (more: Partial<MetricsServerOptions> = {}): MetricsServerOptions => ({
  bind: '127.0.0.1',
  port: 0,
  token: undefined,
  texts: {
    '/metrics': async () => 'gateway 1\n',
    '/metrics/warden': () => Promise.reject(new CarrelError('warden_unavailable', 'the warden does not answer')),
  },
  logger: silentLogger,
  ...more,
});

test('ME1 with a token only who sends it reads; without one only this machine may be served', async () => {
  const server = await serveMetrics(options({ token: 'a-long-secret-token' }));
  for (const wrong of [undefined, '', 'Bearer ', 'Bearer a-long-secret-toke', 'a-long-secret-token', 'Basic YTpi'])
    expect((await ask(server.port, '/metrics', wrong)).status).toBe(401);
  expect(await ask(server.port, '/metrics', 'Bearer a-long-secret-token')).toEqual({
    status: 200,
    text: 'gateway 1\n',
  });
  await server.stop();
  await expect(serveMetrics(options({ bind: '0.0.0.0' }))).rejects.toThrow('they need a token there');
  expect(
    ['127.0.0.1', '127.3.2.1', '::1', 'localhost', '0.0.0.0', '::', '128.0.0.1', '10.0.0.1'].filter(isLoopback),
  ).toEqual([...['127.0.0.1', '127.3.2.1', '::1', 'localhost']]);
});

test('ME2 a warden that does not answer makes its own metrics fail and no others', async () => {
  const server = await serveMetrics(options());
  expect(await ask(server.port, '/metrics/warden')).toEqual({ status: 503, text: 'the warden does not answer\n' });
  expect((await ask(server.port, '/metrics')).status).toBe(200);
  expect((await ask(server.port, '/elsewhere')).status).toBe(404);
  await server.stop();
});
