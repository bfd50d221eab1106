/** What is remembered of requests when only a kernel's messages tell of them. */
import { describe, expect, it } from 'vitest';
import { makeMessage } from '../wire/wire-message.ts';
import { Requests } from './requests.ts';

const parentOf = (id: string) => ({ msg_id: id, msg_type: 'execute_request', session: 's' });
const told = (id: string) =>
  makeMessage('iopub', { msg_id: `k${id.slice(0, 9)}`, msg_type: 'stream' }, parentOf(id), {
    name: 'stdout',
    text: 'x',
  });

/** The kernel tells of a cell that nobody of this process asked for, from its beginning to its end. */
function pass(requests: Requests, id: string): void {
  requests.heardOf(told(id));
  requests.finished(parentOf(id), 'replied');
  requests.finished(parentOf(id), 'idle');
}

describe('RL44 cells that ended in a kernel that was found', () => {
  it('are not opened again by what they still print; the last 10,000 are remembered', () => {
    const requests = new Requests(true);
    for (let at = 0; at < 10_001; at += 1) pass(requests, `c${at}`);
    expect(requests.size).toBe(0);
    for (const id of ['c1', 'c10000']) requests.heardOf(told(id));
    expect(requests.size).toBe(0);
    requests.heardOf(told('c0'));
    expect(requests.size).toBe(1);
  });

  it('are not remembered where session and msg_id are longer than 1 KiB', () => {
    const requests = new Requests(true);
    const [fits, long] = ['x'.repeat(1022), 'x'.repeat(1023)];
    for (const id of [fits, long]) pass(requests, id);
    requests.heardOf(told(fits));
    expect(requests.size).toBe(0);
    requests.heardOf(told(long));
    expect(requests.size).toBe(1);
  });
});
