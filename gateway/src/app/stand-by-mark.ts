/**
 * A file that says that this process stands by and answers nobody for that reason: the health check of its container reads it
 * (ops/docker/health.mjs).
 */
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function markStandBy(on: boolean): void {
  const mark = join(tmpdir(), `carrel-standby-${process.pid}`);
  if (on) writeFileSync(mark, '', { mode: 0o600 });
  else rmSync(mark, { force: true });
}
