/** A warden of which is counted how long it takes until a sandbox is open. */
import { toCarrelError } from '../base/errors.ts';
import type { Meter } from '../base/ports.ts';
import type { Warden } from '../sandbox/warden-client.ts';

/** `now` in milliseconds. */
export function measuredWarden(warden: Warden, meter: Meter, now: () => number): Warden {
  return {
    open: async (policy, worksheet, scope, queued) => {
      const begun = now();
      const told = (outcome: string) => meter.opened(policy, outcome, (now() - begun) / 1000);
      try {
        const sandbox = await warden.open(policy, worksheet, scope, queued);
        told('opened');
        return sandbox;
      } catch (error) {
        told(scope.signal.aborted ? 'given_up' : toCarrelError(error).code);
        throw error;
      }
    },
    list: (scope) => warden.list(scope),
    close: (sandbox, scope) => warden.close(sandbox, scope),
    stream: (sandbox) => warden.stream(sandbox),
    events: (signal, listener) => warden.events(signal, listener),
    status: (scope) => warden.status(scope),
  };
}
