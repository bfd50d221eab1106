/**
 * Under which names the gateway may be addressed. A page of another site can point a name of its own at 127.0.0.1 (DNS
 * rebinding); its requests then carry that name as Host, and are refused here. Also answers what "the same origin" means.
 */
import { CarrelError } from '../base/errors.ts';
import { isLoopback, type RequestFacts } from './request-facts.ts';

export interface SiteAddressOptions {
  /** Address that the gateway listens at. */
  readonly bind: string;
  /** The address that people use, where a proxy stands in front: `https://notebooks.example.org`. */
  readonly publicUrl?: string | undefined;
  /** Further host names, without port. */
  readonly hosts: readonly string[];
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]'];

export class SiteAddress {
  readonly #public: URL | undefined;
  /** Undefined: any name; the gateway listens at the network and was told no names. */
  readonly #hosts: ReadonlySet<string> | undefined;

  constructor(options: SiteAddressOptions) {
    this.#public = options.publicUrl === undefined ? undefined : new URL(options.publicUrl);
    const named = [
      ...options.hosts.map((host) => host.toLowerCase()),
      ...(this.#public ? [this.#public.hostname] : []),
    ];
    const closed = named.length > 0 || options.bind === 'localhost' || isLoopback(options.bind);
    this.#hosts = closed ? new Set([...LOOPBACK_NAMES, ...named]) : undefined;
  }

  /** Whether browsers reach the gateway over HTTPS; cookies are `Secure` then. */
  get secure(): boolean {
    return this.#public?.protocol === 'https:';
  }

  /** The address that who asks has reached the gateway by, for links: `http://127.0.0.1:8888`. */
  originFor(facts: RequestFacts): string {
    return this.#public?.origin ?? `http://${facts.host}`;
  }

  /** Throws `forbidden` for a Host that is not one of ours. */
  checkHost(facts: RequestFacts): void {
    if (this.#hosts === undefined) return;
    const name = facts.host.replace(/:\d{1,5}$/, '').toLowerCase();
    if (this.#hosts.has(name)) return;
    const shown = JSON.stringify(facts.host.slice(0, 100));
    throw new CarrelError(
      'forbidden',
      `the request names the host ${shown}, expected one of ${[...this.#hosts].join(', ')} (CARREL_HOSTS adds names)`,
    );
  }

  /** Whether the Origin is the gateway's own; a missing one is not. */
  isOwnOrigin(facts: RequestFacts): boolean {
    if (facts.origin === undefined) return false;
    if (facts.origin === this.#public?.origin) return true;
    return facts.origin === `http://${facts.host}` && facts.host !== this.#public?.host;
  }
}
