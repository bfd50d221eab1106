import { expect, test } from 'vitest';
import { ManualClock } from '../base/clock.ts';
import { type Logger, silentLogger } from '../base/ports.ts';
import type { DatedEntry } from '../store/audit.ts';
import { AuditLog } from './audit-log.ts';

const entry = { event: 'token.made' as const, via: 'token' as const };

test('AU7 a store that is away is tried again, and the order stays', async () => {
  const clock = new ManualClock(5);
  const stored: DatedEntry[] = [];
  let away = true;
  const tried = Promise.withResolvers<void>();
  const append = async (entries: readonly DatedEntry[]) => {
    tried.resolve();
    if (away) throw new Error('away');
    stored.push(...entries);
  };
  const audit = new AuditLog({ lines: { append }, clock, logger: silentLogger });
  audit.record({ ...entry, subject: 'token:1' });
  await tried.promise;
  audit.record({ ...entry, subject: 'token:2' });
  away = false;
  await new Promise((done) => setImmediate(done));
  clock.advance(1000);
  await audit.settled();
  expect(stored.map(({ subject, at }) => [subject, at])).toEqual([
    ['token:1', 5],
    ['token:2', 5],
  ]);
});

test('AU7 what cannot be stored at the end is told to the log, without address and details', async () => {
  const told: object[] = [];
  const logger: Logger = { ...silentLogger, error: (fields) => void told.push(fields) };
  const append = () => Promise.reject(new Error('away'));
  const audit = new AuditLog({ lines: { append }, clock: new ManualClock(5), logger });
  audit.record({ ...entry, address: '192.0.2.1', details: { code: 'secret' } });
  await audit.end();
  expect(told).toMatchObject([{ event: 'token.made', via: 'token', at: 5 }]);
  expect(JSON.stringify(told)).not.toMatch(/192\.0\.2\.1|secret/);
});
