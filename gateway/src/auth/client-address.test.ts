import { expect, it } from 'vitest';
import { clientAddress } from './client-address.ts';
import type { RequestFacts } from './request-facts.ts';

const from = (address: string, forwardedFor: string | undefined, proxies: readonly string[]) =>
  clientAddress({ address, forwardedFor } as RequestFacts, proxies);

it.each([
  ['172.19.0.5', '192.0.2.7', '192.0.2.7'],
  ['172.32.0.5', '192.0.2.7', '172.32.0.5'],
  ['fd00::5', '192.0.2.7', '192.0.2.7'],
  ['2001:db8::5', '192.0.2.7', '2001:db8::5'],
  ['172.19.0.5', '10.1.2.3', '10.1.2.3'],
  ['172.19.0.5', undefined, '172.19.0.5'],
])('AC28 with ranges of proxies %s that says %s is %s', (address, forwarded, expected) => {
  expect(from(address, forwarded, ['172.16.0.0/12', 'fc00::/7', '127.0.0.1'])).toBe(expected);
});
