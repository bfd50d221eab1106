/** What a person reads under a cell whose kernel did not live to answer it. Pure. */
import type { Policy } from '../config/policy.ts';
import { formatSize } from '../config/quantities.ts';
import type { Exited } from '../wire/agent-control.ts';
import type { EndReason } from '../wire/warden-api.ts';
import type { Failure } from './server-messages.ts';

export const OUT_OF_MEMORY = 'OutOfMemory';

const LOST = 'variables are lost';
const SIGNALS: Record<number, string> = { 6: 'SIGABRT', 9: 'SIGKILL', 11: 'SIGSEGV', 15: 'SIGTERM' };

/** The agent's words for what the exit status says already. */
const SAID = /^The kernel (was ended by|ended with exit code) \S+\.$/;

/** `oom`: the agent or the engine saw an out-of-memory kill. `again`: another kernel is being started. */
export function kernelDied(exited: Exited | undefined, oom: boolean, policy: Policy, again: boolean): Failure {
  const next = again ? `${LOST}, the kernel is restarting` : LOST;
  if (oom || exited?.oom) return outOfMemory(policy, exited?.memory.peak, next);
  const how = exited === undefined ? 'unknown' : howItEnded(exited);
  const detail = exited === undefined || exited.detail === '' || SAID.test(exited.detail) ? '' : ` (${exited.detail})`;
  return { ename: 'KernelDied', evalue: `the kernel died: ${how}${detail}; ${next}` };
}

export function sandboxEnded(reason: EndReason | 'violation', detail: string, policy: Policy, again: boolean): Failure {
  const next = again ? `${LOST}, a new one is being opened` : LOST;
  if (reason === 'out-of-memory') return outOfMemory(policy, undefined, next);
  return { ename: 'SandboxEnded', evalue: `the sandbox has ended (${detail === '' ? reason : detail}); ${next}` };
}

export const RESTARTED: Failure = { ename: 'KernelRestarted', evalue: 'the kernel was restarted' };
export const endedByPolicy = (why: string): Failure => ({
  ename: 'SandboxEnded',
  evalue: `the sandbox was ended: ${why}; variables are gone`,
});
export const SHUT_DOWN: Failure = { ename: 'KernelShutDown', evalue: 'the kernel was shut down' };
export const isDead = (reason: string): Failure => ({ ename: 'KernelDead', evalue: `the kernel is dead: ${reason}` });

function outOfMemory(policy: Policy, peak: number | undefined, next: string): Failure {
  const highest = peak === undefined || peak === 0 ? '' : `, the highest use was ${formatSize(peak)}`;
  const limit = formatSize(policy.memory);
  const evalue = `out of memory: the sandbox reached its limit of ${limit} (policy ${policy.name})${highest}; ${next}`;
  return { ename: OUT_OF_MEMORY, evalue, ...(peak === undefined ? {} : { peak }) };
}

function howItEnded(exited: Exited): string {
  if (exited.signal !== null) return `by signal ${SIGNALS[exited.signal] ?? exited.signal}`;
  return exited.code === null ? 'unknown' : `with exit status ${exited.code}`;
}
