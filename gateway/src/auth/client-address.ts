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

/** What counts as one for limits: an IPv4 address, or the /64 of an IPv6 address, all of which one host may have. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - first.length - last.length);
  const groups = [...first, ...Array.from({ length: zeros }, () => '0'), ...last];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

/** Made once for each list of the settings. */
const listsMade = new WeakMap<readonly string[], BlockList>();

export function isAmong(address: string, proxies: readonly string[]): boolean {
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
