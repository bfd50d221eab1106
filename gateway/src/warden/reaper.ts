/** Which sandboxes have had their time. Idle ones are the gateway's to close: only it knows what a kernel does. Pure. */
import type { SandboxId } from '../base/ids.ts';
import type { EndReason } from '../wire/warden-api.ts';
import type { Sandbox } from './sandbox-state.ts';

export interface Due {
  readonly id: SandboxId;
  readonly reason: EndReason;
}

/** `lease`: milliseconds that a claimed sandbox may be without a gateway's stream. */
export function due(sandboxes: readonly Sandbox[], now: number, lease: number): Due[] {
  return sandboxes.flatMap((sandbox): Due[] => {
    const { facts, claim, desired, state, observed } = sandbox;
    if (desired === 'gone' || (state !== 'ready' && state !== 'claimed')) return [];
    if (now - (claim?.at ?? facts.createdAt) >= facts.life) return [{ id: facts.id, reason: 'life' }];
    const alone = observed.unattendedSince;
    if (claim !== undefined && alone !== undefined && now - alone >= lease) return [{ id: facts.id, reason: 'lease' }];
    return [];
  });
}
