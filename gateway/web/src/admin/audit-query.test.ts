import { expect, test } from 'vitest';
import { auditQuery } from './audit-query.ts';

test('what does not matter is left out of the question, and the last day counts whole', () => {
  expect(auditQuery({ event: '', person: ' ', from: '', until: '' })).toBe('');
  const query = new URLSearchParams(
    auditQuery({ event: 'code.run', person: ' ada ', from: '2026-01-30', until: '2026-01-31' }, 7),
  );
  expect([query.get('event'), query.get('person'), query.get('before')]).toEqual(['code.run', 'ada', '7']);
  const [from, until] = [Date.parse(query.get('from') ?? ''), Date.parse(query.get('until') ?? '')];
  expect(until - from).toBe(2 * 86_400_000);
  expect(new Date(from).getDate()).toBe(30);
});
