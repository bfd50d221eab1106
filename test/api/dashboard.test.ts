/** The dashboard against what both processes of a running Carrel tell: Grafana shows "No data" for a name or a label that is not there. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Carrel, freePort, startCarrel } from '../support/carrel.ts';
import { rest } from '../support/jupyter.ts';

const TOKEN = 'a-token-of-this-test-alone';
/** Counters that have no line before something has gone wrong, with their labels. */
const SILENT = new Map([
  ['carrel_start_failures_total', ['policy']],
  ['carrel_store_failures_total', ['kind']],
  ['carrel_output_cut_bytes_total', ['policy']],
  ['carrel_execute_seconds', ['policy']],
  ['carrel_sandbox_ends_total', ['policy', 'reason']],
]);

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly type: string; readonly uid: string };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat?: string }[];
}
const dashboard = JSON.parse(readFileSync(resolve('ops/grafana/dashboard.json'), 'utf8')) as { panels: Panel[] };
const queries = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));

let carrel: Carrel;
/** Names of labels by the metric, as the processes tell them. */
let told: Map<string, Set<string>>;

beforeAll(async () => {
  const port = await freePort();
  carrel = await startCarrel({
    CARREL_METRICS: 'token',
    CARREL_METRICS_PORT: String(port),
    CARREL_METRICS_TOKEN: TOKEN,
  });
  await rest(carrel, 'POST', '/api/kernels', { name: 'python3' });
  const read = async (path: string) =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { headers: { Authorization: `Bearer ${TOKEN}` } })).text();
  told = labelsOf(`${await read('/metrics')}\n${await read('/metrics/warden')}`);
});
afterAll(() => carrel?.stop());

function labelsOf(text: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const of = (name: string) => found.get(name) ?? found.set(name, new Set()).get(name);
  for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    const ends = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    for (const end of ends) for (const label of SILENT.get(name) ?? []) of(`${name}${end}`)?.add(label);
    for (const end of ends) of(`${name}${end}`);
    if (type === 'histogram') of(`${name}_bucket`)?.add('le');
  }
  for (const [, name = '', labels = ''] of text.matchAll(/^(\w+)\{(.*)\} \S+$/gm))
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) of(name)?.add(label);
  return found;
}

/** The metrics that an expression names, each with the labels that it selects or groups it by. */
function asked(expr: string): [string, string[]][] {
  const groups = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));
  return [...expr.matchAll(/\b((?:carrel|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name = '', selected = '']) => [
      name,
      [...groups, ...[...selected.matchAll(/(\w+)\s*[!=]/g)].map(([, label = '']) => label)],
    ],
  );
}

test('ME4 every metric and every label that the dashboard asks for is told by a running Carrel', () => {
  expect(queries.length).toBeGreaterThan(25);
  for (const { title, expr } of queries) {
    expect([title, asked(expr).length > 0]).toEqual([title, true]);
    for (const [name, labels] of asked(expr)) {
      expect([title, name, told.has(name)]).toEqual([title, name, true]);
      /** Prometheus gives each line its job and instance. */
      const missing = labels.filter((label) => !['job', 'instance'].includes(label) && !told.get(name)?.has(label));
      expect([title, name, missing]).toEqual([title, name, []]);
    }
  }
});

test('ME4 legends name labels that are left after grouping', () => {
  for (const { title, expr, legendFormat = '' } of queries) {
    const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].at(0)?.[1]?.split(/,\s*/);
    const used = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
    if (grouped !== undefined) expect([title, used.filter((label) => !grouped.includes(label))]).toEqual([title, []]);
  }
});

test('ME4 the dashboard is one that Grafana takes: each panel with an id and a place of its own, each query with a letter', () => {
  const ids = dashboard.panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const taken = new Set<string>();
  for (const {
    title,
    gridPos: { x, y, w, h },
  } of dashboard.panels) {
    expect([title, x + w <= 24]).toEqual([title, true]);
    for (let column = x; column < x + w; column += 1)
      for (let row = y; row < y + h; row += 1) {
        expect([title, taken.has(`${column} ${row}`)]).toEqual([title, false]);
        taken.add(`${column} ${row}`);
      }
  }
  for (const { title, type, datasource, targets } of dashboard.panels.filter(({ type }) => type !== 'row')) {
    expect([title, datasource]).toEqual([
      title,
      { type: 'prometheus', uid: expect.stringMatching(/^\$\{?source\}?$/) },
    ]);
    const letters = (targets ?? []).map(({ refId }) => refId);
    expect([title, type, letters.length > 0, new Set(letters).size]).toEqual([title, type, true, letters.length]);
  }
});
