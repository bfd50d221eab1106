/** The two cookies of a browser that is signed in: the session itself, and the XSRF token that its pages send back. */
import type { Response } from 'express';
import { sessionCookie } from '../../auth/authenticate.ts';
import type { Client, SignedIn } from '../../auth/browser-sessions.ts';
import { clientAddress } from '../../auth/client-address.ts';
import type { Person } from '../../auth/principal.ts';
import type { RequestFacts } from '../../auth/request-facts.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import type { Visit } from './routes.ts';

export const clientOf = (deps: EdgeDeps, facts: RequestFacts): Client => ({
  userAgent: facts.userAgent,
  address: clientAddress(facts, deps.proxies),
});

/** By what a browser was signed in. */
export type SignInWay = 'password' | 'token' | 'link' | 'sign-up' | 'new password';

/** Signs the browser in with a new session; the one that it had ends, so that nobody who knew that one has any use of this. */
export async function signInBrowser(
  deps: EdgeDeps,
  { facts, response }: Pick<Visit, 'facts' | 'response'>,
  person: Pick<Person, 'user'>,
  by: SignInWay,
): Promise<SignedIn> {
  const before = await deps.authenticator.session(facts);
  const made = await deps.browsers.create(person, clientOf(deps, facts), before);
  const address = clientAddress(facts, deps.proxies);
  deps.audit.record({ event: 'person.signed-in', actor: person.user, via: 'browser', address, details: { by } });
  if (before !== undefined) deps.accounts.ended();
  response.cookie(sessionCookie(deps.site.secure), made.cookie, { ...cookieOptions(deps), maxAge: made.maxAge });
  setXsrf(deps, response, made.csrf);
  return made;
}

/** Readable by the page's script, which sends it back as X-XSRFToken; renewed with the page, should another program on this host have overwritten it. */
export const setXsrf = (deps: EdgeDeps, response: Response, csrf: string): void =>
  void response.cookie('_xsrf', csrf, { ...cookieOptions(deps), httpOnly: false });

export function clearCookies(deps: EdgeDeps, response: Response): void {
  response.clearCookie(sessionCookie(deps.site.secure), cookieOptions(deps));
  response.clearCookie('_xsrf', { ...cookieOptions(deps), httpOnly: false });
}

/** A `__Host-` cookie has the path `/` by definition. */
const cookieOptions = (deps: EdgeDeps) =>
  ({
    httpOnly: true,
    sameSite: 'lax',
    secure: deps.site.secure,
    path: deps.site.secure ? '/' : `${deps.base}/`,
  }) as const;
