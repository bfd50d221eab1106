/**
 * Loaded before a process under measurement (`node --import`): answers the message `usage` with what the process has used
 * since the last one, collects its garbage at `collect`, and ends at `exit`, which also writes a profile where one was asked for.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** CPU in milliseconds, delay in milliseconds beyond the sampling interval, memory in bytes. */
export interface Usage {
  readonly cpu: number;
  readonly delayP99: number;
  readonly delayMax: number;
  readonly wall: number;
  readonly heapUsed: number;
}

const RESOLUTION = 10;
const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
delay.enable();
let cpu = process.cpuUsage();
let since = performance.now();

process.on('message', (message) => {
  if (message === 'exit') process.exit();
  if (message === 'collect') collect();
  if (message !== 'usage') return;
  const { user, system } = process.cpuUsage(cpu);
  const over = (ns: number) => Math.max(0, ns / 1e6 - RESOLUTION);
  const usage: Usage = {
    cpu: (user + system) / 1000,
    delayP99: over(delay.percentile(99)),
    delayMax: over(delay.max),
    wall: performance.now() - since,
    heapUsed: process.memoryUsage().heapUsed,
  };
  delay.reset();
  cpu = process.cpuUsage();
  since = performance.now();
  process.send?.({ usage });
});
process.channel?.unref();

/** What is left is what is held: the young generation's size after much work says nothing about the number of sockets. */
function collect(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as NodeJS.GCFunction)({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
