import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { HOP, Hops } from './hop.ts';

const NOW = 1_800_000_000_000;
const hops = new Hops('secret', () => NOW);
const request = (header: string | undefined, method = 'GET', url = '/api/me') =>
  ({ method, url, headers: header === undefined ? {} : { [HOP]: header } }) as unknown as IncomingMessage;

test('LC6 a proof carries the address of the client, for one request and for a minute', () => {
  const header = hops.sign(request(undefined), '2001:db8::7');
  expect(hops.read(request(header))).toBe('2001:db8::7');
  expect(new Hops('secret', () => NOW + 50_000).read(request(header))).toBe('2001:db8::7');
  expect(new Hops('secret', () => NOW + 70_000).read(request(header))).toBeUndefined();
  expect(hops.read(request(header, 'DELETE'))).toBeUndefined();
  expect(hops.read(request(header, 'GET', '/api/people'))).toBeUndefined();
});

test('LC6 no proof, one of other keys and one that was changed are none', () => {
  const header = hops.sign(request(undefined), '10.0.0.1');
  const others = new Hops('other', () => NOW).sign(request(undefined), '10.0.0.1');
  for (const wrong of [undefined, '', others, header.replace('10.0.0.1', '127.0.0.1'), header.slice(0, -2), `${NOW}`])
    expect(hops.read(request(wrong))).toBeUndefined();
});
