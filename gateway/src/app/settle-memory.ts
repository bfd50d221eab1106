/**
 * What a start leaves behind (sources, syntax trees, the larger young generation that these made V8 ask for) is half of a fresh
 * process's memory, and an idle process allocates too little for V8 to collect it. So it is collected once.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** After the requests that a restart has made wait. Milliseconds. */
const SETTLED = 2000;
/** Collecting stops the process, 50 ms for what a start leaves; one that holds more than this is at work and collects by itself. */
const MOST = 48 * 1024 * 1024;

/** Once, a while after this call. */
export function settleMemory(): void {
  setTimeout(() => {
    if (process.memoryUsage().heapUsed > MOST) return;
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as NodeJS.GCFunction;
    setFlagsFromString('--no-expose-gc');
    collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  }, SETTLED).unref();
}
