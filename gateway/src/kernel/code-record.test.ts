import { expect, test } from 'vitest';
import type { AuditEntry } from '../base/audit.ts';
import { newKernelId, newUserId } from '../base/ids.ts';
import type { KernelMessage } from '../wire/kernel-message.ts';
import { recordingCode } from './code-record.ts';

test('AU6 the code of each cell is recorded, by whom where one person has the kernel, and passed on as it is', () => {
  const entries: AuditEntry[] = [];
  const passed: KernelMessage[] = [];
  const [owner, id] = [newUserId(), newKernelId()];
  const inner = { receive: (message: KernelMessage) => void passed.push(message), closed: () => {} };
  const recorder = recordingCode(inner, { record: (...more) => void entries.push(...more) }, { owner, id });
  const message = (type: string, username: string, content: object) =>
    ({ header: { msg_type: type, username }, content }) as unknown as KernelMessage;
  const sent = [
    message('execute_request', 'ada', { code: '1 + 1' }),
    message('execute_request', 'carrel', { code: 'x'.repeat(70_000) }),
    message('complete_request', 'ada', { code: '1 +' }),
  ];
  for (const each of sent) void recorder.receive(each);
  expect(passed).toEqual(sent);
  expect(entries).toMatchObject([
    { event: 'code.run', actor: owner, subject: `kernel:${id}`, details: { by: 'client', code: '1 + 1' } },
    { event: 'code.run', details: { by: 'worksheet', characters: 70_000 } },
  ]);
  expect(entries[1]?.actor).toBeUndefined();
  expect(String(entries[1]?.details?.['code'])).toHaveLength(65_536);
});
