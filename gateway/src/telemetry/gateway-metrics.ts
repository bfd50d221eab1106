/**
 * The gateway's metrics. Labels are names of policies, routes, states and codes only, all of which the program or the files of the
 * installation fix: nothing of a person, a worksheet or a sandbox becomes one, and nobody outside can make their number grow.
 */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Meter } from '../base/ports.ts';
import { newRegistry, OPENING, RUNNING, STORING } from './registry.ts';

/** What is there at the moment of a scrape. */
export interface GatewayNow {
  /** Kernels by policy and state. */
  readonly kernels: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly sockets: number;
  readonly worksheets: number;
  /** Of the open worksheets' documents. */
  readonly documentBytes: number;
  /** Whether each of the checks of readiness passes. */
  readonly checks: readonly { readonly check: string; readonly passed: boolean }[];
  /** Seconds since the last backup was made; undefined where none was. */
  readonly backupAge: number | undefined;
}

export class GatewayMetrics implements Meter {
  readonly #registry: Registry;
  readonly #requests: Counter;
  readonly #opens: Counter;
  readonly #openSeconds: Histogram;
  readonly #executeSeconds: Histogram;
  readonly #cuts: Counter;
  readonly #cutBytes: Counter;
  readonly #storeSeconds: Histogram;
  readonly #storeFailures: Counter;
  readonly #kernels: Gauge;
  readonly #sockets: Gauge;
  readonly #worksheets: Gauge;
  readonly #documentBytes: Gauge;
  readonly #ready: Gauge;
  /** Without a backup it is not there at all, which the rules of alerts tell from an old one. */
  #backupAge: Gauge | undefined;
  readonly #newBackupAge: () => Gauge;
  /** Known once the gateway serves. */
  #now: (() => Promise<GatewayNow>) | undefined;

  constructor(version: string) {
    const registry = newRegistry(version);
    const registers = [registry];
    const counter = (name: string, help: string, labelNames: string[]) =>
      new Counter({ name, help, labelNames, registers });
    const histogram = (name: string, help: string, labelNames: string[], buckets: number[]) =>
      new Histogram({ name, help, labelNames, buckets, registers });
    this.#registry = registry;
    this.#requests = counter('carrel_http_requests_total', 'HTTP requests that were answered.', [
      'method',
      'route',
      'status',
    ]);
    this.#opens = counter('carrel_opens_total', 'Sandboxes that were asked for, by how it ended.', [
      'policy',
      'outcome',
    ]);
    this.#openSeconds = histogram(
      'carrel_open_seconds',
      'From asking for a sandbox until it is there, the time in the queue included.',
      ['policy'],
      OPENING,
    );
    this.#executeSeconds = histogram('carrel_execute_seconds', 'How long cells run.', ['policy'], RUNNING);
    this.#cuts = counter('carrel_outputs_cut_total', 'Cells whose output was cut by the limit of their policy.', [
      'policy',
    ]);
    this.#cutBytes = counter('carrel_output_cut_bytes_total', 'Bytes of output that were cut.', ['policy']);
    this.#storeSeconds = histogram(
      'carrel_store_seconds',
      'How long statements of the database take.',
      ['kind'],
      STORING,
    );
    this.#storeFailures = counter('carrel_store_failures_total', 'Statements of the database that failed.', ['kind']);
    const gauge = (name: string, help: string, labelNames: string[] = []) =>
      new Gauge({ name, help, labelNames, registers });
    this.#kernels = gauge('carrel_kernels', 'Kernels by policy and state.', ['policy', 'state']);
    this.#sockets = gauge('carrel_sockets', 'WebSockets that are open.');
    this.#worksheets = gauge('carrel_worksheets_open', 'Worksheets whose document is loaded.');
    this.#documentBytes = gauge('carrel_document_bytes', 'Bytes of the documents that are loaded, as they are stored.');
    this.#ready = gauge('carrel_ready', '1 where the check of readiness passes, 0 where it does not.', ['check']);
    this.#newBackupAge = () => gauge('carrel_backup_age_seconds', 'Seconds since the last backup was made.');
  }

  request(method: string, route: string, status: number): void {
    this.#requests.inc({ method, route, status: String(status) });
  }

  opened(policy: string, outcome: string, seconds: number): void {
    this.#opens.inc({ policy, outcome });
    if (outcome === 'opened') this.#openSeconds.observe({ policy }, seconds);
  }

  executed(policy: string, seconds: number): void {
    this.#executeSeconds.observe({ policy }, Math.max(0, seconds));
  }

  outputCut(policy: string, bytes: number): void {
    this.#cuts.inc({ policy });
    this.#cutBytes.inc({ policy }, bytes);
  }

  stored(kind: string, seconds: number, failed: boolean): void {
    this.#storeSeconds.observe({ kind }, seconds);
    if (failed) this.#storeFailures.inc({ kind });
  }

  /** From now on what is there can be asked for. */
  watch(now: () => Promise<GatewayNow>): void {
    this.#now = now;
  }

  /** In Prometheus' format. */
  async text(): Promise<string> {
    const now = await this.#now?.();
    if (now !== undefined) this.#set(now);
    return this.#registry.metrics();
  }

  #set({ kernels, sockets, worksheets, documentBytes, checks, backupAge }: GatewayNow): void {
    this.#kernels.reset();
    for (const [policy, states] of kernels)
      for (const [state, count] of states) this.#kernels.set({ policy, state }, count);
    this.#sockets.set(sockets);
    this.#worksheets.set(worksheets);
    this.#documentBytes.set(documentBytes);
    for (const { check, passed } of checks) this.#ready.set({ check }, passed ? 1 : 0);
    if (backupAge === undefined) return;
    this.#backupAge ??= this.#newBackupAge();
    this.#backupAge.set(backupAge);
  }
}
