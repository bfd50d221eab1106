/**
 * From where a person comes: the other end of the connection or, where that is a proxy that is believed (`CARREL_PROXIES`), the
 * last address of X-Forwarded-For, which that proxy has put there itself. What stands before it anybody may have written.
 */
import { isIP } from 'node:net';
import type { RequestFacts } from './request-facts.ts';

export function clientAddress(facts: RequestFacts, proxies: readonly string[]): string {
  if (!proxies.includes(facts.address)) return facts.address;
  const last =
    facts.forwardedFor
      ?.split(',')
      .at(-1)
      ?.trim()
      .replace(/^\[(.*)\]$/, '$1') ?? '';
  return isIP(last) === 0 ? facts.address : last;
}
