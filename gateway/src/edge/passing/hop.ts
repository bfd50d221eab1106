/**
 * The header by which one gateway tells another from where a request came. Only who has the installation's keys can make one, for one
 * request, and what has come by one is never passed on again (LC6).
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export const HOP = 'carrel-hop';
/** What the clocks of two hosts may differ by, with the time on the way; milliseconds. */
const FRESH = 60_000;

export class Hops {
  readonly #key: Buffer;
  readonly #now: () => number;

  /** `secret` is shared by all gateways; `now` in milliseconds since the epoch. */
  constructor(secret: string, now: () => number) {
    this.#key = createHmac('sha256', secret).update('gateway to gateway').digest();
    this.#now = now;
  }

  /** The header's value for this request of a client at `address`. */
  sign(request: Pick<IncomingMessage, 'method' | 'url'>, address: string): string {
    const at = String(this.#now());
    return `${address} ${at} ${this.#mac(request, address, at).toString('base64url')}`;
  }

  /** The client's address; undefined where no other gateway has passed this request on. */
  read(request: IncomingMessage): string | undefined {
    const [address = '', at = '', mac = ''] = String(request.headers[HOP] ?? '').split(' ');
    const given = Buffer.from(mac, 'base64url');
    const expected = this.#mac(request, address, at);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
    return Math.abs(this.#now() - Number(at)) <= FRESH ? address : undefined;
  }

  #mac({ method, url }: Pick<IncomingMessage, 'method' | 'url'>, address: string, at: string): Buffer {
    return createHmac('sha256', this.#key)
      .update(JSON.stringify([method, url, address, at]))
      .digest();
  }
}
