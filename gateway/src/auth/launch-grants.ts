/**
 * Helps clients that authenticate their REST calls and then open the kernel's WebSocket without any credential:
 * jupyter_server's GatewayKernelClient, which nbclient, nbconvert and papermill use. Such an upgrade is accepted as the person
 * whose token has just been used for the same kernel, and only where all of this holds:
 *   - the token was used within the last minute for exactly this kernel, whose random id nobody else knows,
 *   - by a client that presents itself as Tornado's (what jupyter_server sends REST calls with), from the same address,
 *   - and the upgrade carries no credential that could be wrong, offers no subprotocol and comes from no foreign web page.
 * `loopback` (the default) allows it for clients on the same machine only, `network` for any address, `off` for none. A
 * request that a proxy passed on never qualifies, because all clients behind a proxy have its address.
 */
import type { Clock } from '../base/clock.ts';
import type { KernelId } from '../base/ids.ts';
import type { Principal } from './principal.ts';
import { isLoopback, type RequestFacts } from './request-facts.ts';

export type TokenlessSockets = 'off' | 'loopback' | 'network';

/** jupyter_server waits 42 s for a kernel by default (KERNEL_LAUNCH_TIMEOUT 40 + 2) and opens the socket right after. */
const WITHIN = 60_000;
const MOST = 10_000;

interface Grant {
  readonly principal: Principal;
  readonly address: string;
  readonly until: number;
}

export class LaunchGrants {
  readonly #mode: TokenlessSockets;
  readonly #clock: Clock;
  readonly #grants = new Map<KernelId, Grant>();

  constructor(mode: TokenlessSockets, clock: Clock) {
    this.#mode = mode;
    this.#clock = clock;
  }

  /** Notes that a request about this kernel was authenticated. */
  remember(facts: RequestFacts, kernel: KernelId, principal: Principal): void {
    if (principal.via.kind !== 'token' || !this.#qualifies(facts) || !/^tornado\/|pycurl/i.test(facts.userAgent))
      return;
    this.#grants.delete(kernel);
    this.#grants.set(kernel, { principal, address: facts.address, until: this.#clock.now() + WITHIN });
    for (const [id, grant] of this.#grants)
      if (grant.until <= this.#clock.now() || this.#grants.size > MOST) this.#grants.delete(id);
      else break;
  }

  /** The person on whose behalf an upgrade without credentials is accepted; `ownOrigin` as SiteAddress says. */
  find(facts: RequestFacts, kernel: KernelId, ownOrigin: boolean): Principal | undefined {
    const grant = this.#grants.get(kernel);
    if (grant === undefined || grant.until <= this.#clock.now() || grant.address !== facts.address) return undefined;
    if (!this.#qualifies(facts) || facts.subprotocols !== undefined) return undefined;
    if (Object.keys(facts.cookies).length > 0) return undefined;
    if (facts.origin !== undefined && !ownOrigin) return undefined;
    return grant.principal;
  }

  #qualifies(facts: RequestFacts): boolean {
    if (this.#mode === 'off' || facts.forwarded) return false;
    return this.#mode === 'network' || isLoopback(facts.address);
  }
}
