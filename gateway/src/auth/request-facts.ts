/** What of a request matters for deciding who makes it, read in one place. Nothing here decides. */
import type { IncomingMessage } from 'node:http';
import { parseCookie } from 'cookie';

export interface RequestFacts {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Of `Authorization: token T` or `Bearer T`; undefined for other schemes and for an empty T. */
  readonly headerToken: string | undefined;
  readonly queryToken: string | undefined;
  readonly cookies: Readonly<Record<string, string | undefined>>;
  readonly host: string;
  readonly origin: string | undefined;
  /** `X-XSRFToken`, or `_xsrf` in the query. */
  readonly xsrf: string | undefined;
  readonly address: string;
  readonly userAgent: string;
  /** A proxy says that it passed the request on: the address is the proxy's. */
  readonly forwarded: boolean;
  /** `X-Forwarded-For` as it came. */
  readonly forwardedFor: string | undefined;
  readonly subprotocols: string | undefined;
}

/** Of requests that another gateway has passed on: where they came from. */
const passedOn = new WeakMap<IncomingMessage, string>();

/** The request has come from there, by another gateway that has proved to be one. */
export const cameFrom = (request: IncomingMessage, address: string): void => void passedOn.set(request, address);

const SCHEME = /^\s*(?:token|bearer)\s+(\S+)\s*$/i;
const FORWARDING = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

export function readFacts(request: IncomingMessage): RequestFacts {
  const { headers } = request;
  const [path = '/', search = ''] = split(request.url ?? '/', '?');
  const query = new URLSearchParams(search);
  return {
    method: request.method ?? 'GET',
    path,
    query,
    headerToken: SCHEME.exec(headers.authorization ?? '')?.[1],
    queryToken: query.get('token') || undefined,
    cookies: parseCookie(headers.cookie ?? ''),
    host: headers.host ?? '',
    origin: headers.origin,
    xsrf: one(headers['x-xsrftoken']) ?? query.get('_xsrf') ?? undefined,
    address: passedOn.get(request) ?? plainAddress(request.socket.remoteAddress ?? ''),
    userAgent: headers['user-agent'] ?? '',
    forwarded: FORWARDING.some((name) => headers[name] !== undefined),
    forwardedFor: one(headers['x-forwarded-for']),
    subprotocols: headers['sec-websocket-protocol'],
  };
}

export const isLoopback = (address: string): boolean => address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);

/** `::ffff:127.0.0.1` is how a dual-stack socket names 127.0.0.1. */
const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

const one = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

function split(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index + 1)];
}
