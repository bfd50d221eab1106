/**
 * The one place that decides who makes a request: every HTTP route and every upgrade passes `authenticate`, and what it
 * cannot name is refused.
 *
 * A token (header or query) decides alone: every token that a request carries must be valid and belong to one person, and it
 * needs no XSRF proof or Origin, because no browser adds it by itself. A session cookie, which a browser does add by itself,
 * needs the session's XSRF token for a change and our own Origin for an upgrade.
 */
import { timingSafeEqual } from 'node:crypto';
import { CarrelError } from '../base/errors.ts';
import { isKernelId, type KernelId } from '../base/ids.ts';
import type { BrowserSessions } from './browser-sessions.ts';
import type { LaunchGrants } from './launch-grants.ts';
import type { Principal } from './principal.ts';
import type { RequestFacts } from './request-facts.ts';
import type { SiteAddress } from './site-address.ts';
import type { Tokens } from './tokens.ts';

export interface AuthenticatorDeps {
  readonly tokens: Tokens;
  readonly sessions: BrowserSessions;
  readonly grants: LaunchGrants;
  readonly site: SiteAddress;
}

export type RequestKind = 'http' | 'upgrade';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);
const CHANNELS = /\/api\/kernels\/([^/]+)\/channels$/;
const HOW =
  'send a token as "Authorization: token T" or "?token=T", or sign in with the address that Carrel has printed';

export class Authenticator {
  readonly #deps: AuthenticatorDeps;

  constructor(deps: AuthenticatorDeps) {
    this.#deps = deps;
  }

  /** Throws `unauthenticated` where nobody can be named, `forbidden` where a browser's request lacks its proof. */
  async authenticate(facts: RequestFacts, kind: RequestKind): Promise<Principal> {
    const byToken = await this.#byToken(facts);
    if (byToken !== undefined) return byToken;
    const bySession = await this.session(facts);
    if (bySession !== undefined) {
      if (kind === 'upgrade') this.#requireOwnOrigin(facts);
      else if (!SAFE.has(facts.method)) this.#requireXsrf(facts, bySession);
      return bySession;
    }
    const granted = kind === 'upgrade' ? await this.#byGrant(facts) : undefined;
    if (granted !== undefined) return granted;
    throw new CarrelError('unauthenticated', `no valid credentials: ${HOW}`);
  }

  /** The browser's session, for pages that look different to those who are signed in. */
  async session(facts: RequestFacts): Promise<Principal | undefined> {
    const cookie = facts.cookies[sessionCookie(this.#deps.site.secure)];
    return cookie === undefined ? undefined : this.#deps.sessions.verify(cookie);
  }

  /** Whether a principal of before would still be accepted; asked again and again for open sockets. */
  stillValid(principal: Principal): Promise<boolean> {
    return principal.via.kind === 'token'
      ? this.#deps.tokens.stillValid(principal)
      : this.#deps.sessions.stillValid(principal);
  }

  async #byToken(facts: RequestFacts): Promise<Principal | undefined> {
    let found: Principal | undefined;
    for (const text of new Set([facts.queryToken, facts.headerToken])) {
      if (text === undefined) continue;
      const principal = await this.#deps.tokens.verify(text);
      if (principal === undefined)
        throw new CarrelError('unauthenticated', `the token is not valid (expired, revoked or mistyped): ${HOW}`);
      if (found !== undefined && found.user !== principal.user)
        throw new CarrelError(
          'unauthenticated',
          'the tokens of the header and of the query belong to different people',
        );
      found = principal;
    }
    return found;
  }

  async #byGrant(facts: RequestFacts): Promise<Principal | undefined> {
    const kernel = channelsOf(facts.path);
    if (kernel === undefined) return undefined;
    const principal = this.#deps.grants.find(facts, kernel, this.#deps.site.isOwnOrigin(facts));
    return principal !== undefined && (await this.stillValid(principal)) ? principal : undefined;
  }

  #requireOwnOrigin(facts: RequestFacts): void {
    if (this.#deps.site.isOwnOrigin(facts)) return;
    const found = facts.origin === undefined ? 'none' : JSON.stringify(facts.origin.slice(0, 100));
    throw new CarrelError(
      'forbidden',
      `a browser's WebSocket must come from Carrel's own page, its Origin is ${found}; behind a proxy set CARREL_PUBLIC_URL`,
    );
  }

  #requireXsrf(facts: RequestFacts, principal: Principal): void {
    if (facts.origin !== undefined) this.#requireOwnOrigin(facts);
    const expected = principal.via.kind === 'session' ? principal.via.csrf : '';
    if (facts.xsrf === undefined)
      throw new CarrelError(
        'forbidden',
        `'_xsrf' argument missing from ${facts.method}: send the _xsrf cookie as X-XSRFToken`,
      );
    if (!same(facts.xsrf, expected))
      throw new CarrelError('forbidden', 'XSRF token does not match the session: reload the page');
  }
}

/** `__Host-` makes browsers refuse the cookie from any other host and without HTTPS; they accept the prefix over HTTPS only. */
export const sessionCookie = (secure: boolean): string => (secure ? '__Host-carrel_session' : 'carrel_session');

/** The kernel of a `…/api/kernels/ID/channels` path. */
export function channelsOf(path: string): KernelId | undefined {
  const id = CHANNELS.exec(path)?.[1];
  return id !== undefined && isKernelId(id) ? id : undefined;
}

function same(given: string, expected: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(expected)];
  return one.length > 0 && one.length === other.length && timingSafeEqual(one, other);
}
