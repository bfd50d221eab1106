/**
 * From where a person comes: the other end of the connection or, where that is a proxy that is believed (`CARREL_PROXIES`), the
 * last address of X-Forwarded-For, which that proxy has put there itself. What stands before it anybody may have written.
 */
import { BlockList, isIP } from 'node:net';
import type { RequestFacts } from './request-facts.ts';

/** `proxies` are addresses, and ranges such as `10.0.0.0/8`. */
export function clientAddress(facts: RequestFacts, proxies: readonly string[]): string {
  if (!isAmong(facts.address, proxies)) return facts.address;
  const last =
    facts.forwardedFor
      ?.split(',')
      .at(-1)
      ?.trim()
      .replace(/^\[(.*)\]$/, '$1') ?? '';
  return isIP(last) === 0 ? facts.address : last;
}

/** Made once for each list of the settings. */
const listsMade = new WeakMap<readonly string[], BlockList>();

function isAmong(address: string, proxies: readonly string[]): boolean {
  const version = isIP(address);
  if (version === 0) return false;
  const list = listsMade.get(proxies) ?? listOf(proxies);
  listsMade.set(proxies, list);
  return list.check(address, version === 4 ? 'ipv4' : 'ipv6');
}

function listOf(proxies: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of proxies) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}
