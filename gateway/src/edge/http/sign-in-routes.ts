/**
 * The forms for who is not signed in: name and password, a token, an account of one's own where the site allows that, and the
 * link that sets a password. They are posted from our own pages only, so that no other site can sign a browser in as somebody
 * else (login CSRF).
 *
 * The key of a link stands behind `#`: browsers send that part to nobody, so no log, proxy or referrer has it. The page's script
 * takes it out of the address and posts it.
 */
import { type Request, urlencoded } from 'express';
import { ownPath } from '../../auth/own-path.ts';
import { CarrelError } from '../../base/errors.ts';
import type { UserId } from '../../base/ids.ts';
import { passwordProblem } from '../../base/password-rules.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import { type InviteView, invitePage } from '../page/invite.ts';
import { type SignInView, signInPage } from '../page/sign-in.ts';
import { type SignUpView, signUpPage } from '../page/sign-up.ts';
import { textsFor } from '../page/texts.ts';
import { actorOf } from './audit-trail.ts';
import { clientOf, signInBrowser } from './browser-cookies.ts';
import { RETRY_AFTER } from './failures.ts';
import type { Routes, Visit } from './routes.ts';

const form = urlencoded({ extended: false, limit: 16_384, parameterLimit: 20 });

export function addSignInRoutes(routes: Routes, deps: EdgeDeps): void {
  routes.open('get', '/signin', async (visit) => {
    const next = ownPath(visit.facts.query.get('next'));
    if ((await deps.authenticator.session(visit.facts)) !== undefined)
      return visit.response.redirect(302, `${deps.base}/${next}`);
    return showSignIn(deps, visit, 200, { notice: next === '' ? 'welcome' : 'first', next });
  });

  routes.open('post', '/signin', async (visit) => {
    const { response } = visit;
    const fields = await readForm(deps, visit);
    const next = ownPath(fields('next'));
    if (fields('token') !== '') {
      const principal = await deps.tokens.verify(tokenIn(fields('token')));
      if (principal === undefined) {
        refused(deps, visit, 'token');
        return showSignIn(deps, visit, 401, { notice: 'badToken', next });
      }
      await signInBrowser(deps, visit, principal, 'token');
      return response.redirect(303, `${deps.base}/${next}`);
    }
    const name = fields('name').trim();
    const again = { name, next };
    const entry = await tooMany(deps, visit, again, () =>
      deps.accounts.enter(name, fields('password'), clientOf(deps, visit.facts).address),
    );
    if (entry === undefined) return;
    if ('refused' in entry) {
      refused(deps, visit, 'password', entry.user);
      return showSignIn(deps, visit, 401, { notice: entry.refused, ...again });
    }
    await signInBrowser(deps, visit, entry.person, 'password');
    response.redirect(303, `${deps.base}/${next}`);
  });

  addSignUp(routes, deps);
  addInvite(routes, deps);
}

function addSignUp(routes: Routes, deps: EdgeDeps): void {
  const show = ({ request, response }: Visit, status: number, view: SignUpView) =>
    void response
      .status(status)
      .type('html')
      .send(signUpPage(textsOf(request), view));

  routes.open('get', '/signup', (visit) => {
    requireOpen(deps);
    show(visit, 200, { next: ownPath(visit.facts.query.get('next')) });
  });

  routes.open('post', '/signup', async (visit) => {
    requireOpen(deps);
    const fields = await readForm(deps, visit);
    const [name, password] = [fields('name').trim(), fields('password')];
    const again = { name, next: ownPath(fields('next')) };
    const problem = passwordProblem(password, name);
    if (problem !== undefined) return show(visit, 400, { ...again, problem });
    try {
      const person = await deps.accounts.signUp(name, password, clientOf(deps, visit.facts).address);
      deps.audit.record({ ...actorOf(deps, visit.facts), event: 'person.signed-up', actor: person.user });
      await signInBrowser(deps, visit, person, 'sign-up');
      visit.response.redirect(303, `${deps.base}/${again.next}`);
    } catch (error) {
      const problem = error instanceof CarrelError ? NAME_PROBLEMS[error.code] : undefined;
      if (!(error instanceof CarrelError) || problem === undefined) throw error;
      if (error.retry) visit.response.set('Retry-After', String(error.retryAfter ?? RETRY_AFTER));
      show(visit, error.http, { ...again, problem, minutes: minutes(error) });
    }
  });
}

/** What making an account may be refused for, but for the password. */
const NAME_PROBLEMS: Partial<Record<string, SignUpView['problem']>> = {
  bad_request: 'badName',
  conflict: 'taken',
  too_many_attempts: 'tooMany',
  no_capacity: 'tooMany',
};

function addInvite(routes: Routes, deps: EdgeDeps): void {
  const show = ({ request, response }: Visit, status: number, view: InviteView) =>
    void response
      .status(status)
      .type('html')
      .send(invitePage(textsOf(request), view));

  routes.open('get', '/invite', (visit) => show(visit, 200, { step: 'key' }));

  /** Without a password it says whose link it is and asks for one; nothing is used up by that. */
  routes.open('post', '/invite', async (visit) => {
    const fields = await readForm(deps, visit);
    const key = keyIn(fields('key'));
    const found = await deps.accounts.behindLink(key);
    if (found === undefined) return show(visit, 404, { step: 'gone' });
    const { name } = found.person;
    const password = fields('password');
    const session = await deps.authenticator.session(visit.facts);
    const other = session?.user === found.person.user ? undefined : session?.name;
    const ask = { step: 'password', key, name, purpose: found.purpose, other } as const;
    if (password === '') return show(visit, 200, ask);
    const problem = passwordProblem(password, name);
    if (problem !== undefined) return show(visit, 400, { ...ask, problem });
    const person = await deps.accounts.redeemLink(key, password);
    if (person === undefined) return show(visit, 404, { step: 'gone' });
    deps.audit.record({ ...actorOf(deps, visit.facts), event: 'person.password-set', actor: person.user });
    await signInBrowser(deps, visit, person, 'link');
    visit.response.redirect(303, `${deps.base}/`);
  });
}

/** The sign-in page with what has to be said. */
export async function showSignIn(
  deps: EdgeDeps,
  { request, response }: Visit,
  status: number,
  view: Omit<SignInView, 'signUp' | 'passwords'>,
): Promise<void> {
  const passwords = await deps.accounts.usesPasswords();
  const page = signInPage(textsOf(request), { ...view, passwords, signUp: deps.accounts.signUpOpen });
  response.status(status).type('html').send(page);
}

const textsOf = (request: Request) => textsFor(request.acceptsLanguages('en', 'de'));

/** What was typed as a name may be a password: only whom it names is recorded. */
const refused = (deps: EdgeDeps, { facts }: Visit, by: string, user?: UserId): void =>
  deps.audit.record({
    ...actorOf(deps, facts),
    event: 'person.sign-in-failed',
    subject: user === undefined ? undefined : `person:${user}`,
    details: { by },
  });

/** Answers the page that says how long to wait where there were too many attempts. */
async function tooMany<T>(
  deps: EdgeDeps,
  visit: Visit,
  again: { readonly name: string; readonly next: string },
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CarrelError) || !error.retry) throw error;
    refused(deps, visit, 'too many attempts');
    visit.response.set('Retry-After', String(error.retryAfter ?? RETRY_AFTER));
    await showSignIn(deps, visit, error.http, { notice: 'tooMany', minutes: minutes(error), ...again });
    return undefined;
  }
}

const minutes = (error: CarrelError): number => Math.ceil((error.retryAfter ?? RETRY_AFTER) / 60);

/** Throws `forbidden` for a form of another site. The answer gives a field's text, empty where there is none. */
async function readForm(deps: EdgeDeps, { request, response, facts }: Visit): Promise<(name: string) => string> {
  if (!deps.site.isOwnOrigin(facts)) throw new CarrelError('forbidden', 'sign in from Carrel’s own page');
  await new Promise<void>((done, fail) => {
    form(request, response, (error?: unknown) => (error === undefined ? done() : fail(error)));
  });
  const body = (request.body ?? {}) as Record<string, unknown>;
  return (name) => {
    const value = Object.hasOwn(body, name) ? body[name] : undefined;
    return typeof value === 'string' ? value : '';
  };
}

function requireOpen(deps: EdgeDeps): void {
  if (deps.accounts.signUpOpen) return;
  const how = 'an administrator invites people here (CARREL_SIGN_UP=open lets them make accounts themselves)';
  throw new CarrelError('not_found', how);
}

/** People paste the whole address as well as the token. */
const tokenIn = (text: string): string => /[?&]token=([^&#\s]+)/.exec(text)?.[1] ?? text.trim();
/** The same of a link. */
const keyIn = (text: string): string => text.trim().replace(/^.*#/s, '');
