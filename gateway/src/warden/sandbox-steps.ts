/** Which one thing has to be done next for a sandbox. Decided from what is observed, so that a restarted warden goes on. */
import type { Sandbox } from './sandbox-state.ts';

export type Step =
  | 'create'
  | 'attach'
  | 'start'
  | 'await-ready'
  /** Look whether a create that was cut off has left a container. */
  | 'find'
  | 'detach'
  | 'kill'
  | 'remove'
  | 'finish';

/** Undefined when everything is as it shall be. A planned sandbox waits until it is begun. */
export function nextStep({ state, desired, observed }: Sandbox): Step | undefined {
  if (state === 'planned' || state === 'ended') return undefined;
  if (desired === 'gone') {
    /** The stream first: an attach that nobody reads makes kill and inspect hang (moby 41827). */
    if (observed.attached) return 'detach';
    if (observed.container === 'none') return 'finish';
    if (observed.container === 'unknown') return 'find';
    return observed.container === 'running' ? 'kill' : 'remove';
  }
  if (observed.container === 'none') return 'create';
  if (observed.container === 'unknown') return 'find';
  if (!observed.attached) return 'attach';
  if (observed.container === 'created') return 'start';
  return state === 'starting' ? 'await-ready' : undefined;
}
