/** What both processes' metrics have in common: the registry, what Node tells of itself, and bounds for durations. */
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** Seconds: from what nobody notices to what somebody complains about. */
export const OPENING = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60];
/** Seconds: from a line of arithmetic to a computation that runs over lunch. */
export const RUNNING = [0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300, 1800, 7200];
/** Seconds of one statement. */
export const STORING = [0.0005, 0.002, 0.01, 0.05, 0.2, 1, 5];

/** Names begin with `carrel_`, or with `process_` and `nodejs_` where every Node program has them. */
export function newRegistry(version: string): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'carrel_info',
    help: 'Version of the program, always 1.',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node: process.version }, 1);
  return registry;
}
