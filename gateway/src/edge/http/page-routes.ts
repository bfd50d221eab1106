/**
 * The page at `/` and signing in. An address with `?token=` signs one browser in and shows the page without it, so that the
 * token stays in no history; the token itself goes on to work for programs.
 *
 * Only requests of browsers for pages (`Accept: text/html`) are answered so; others get 404, which tells VS Code that there is
 * no password to ask for.
 */
import { type Response, urlencoded } from 'express';
import { sessionCookie } from '../../auth/authenticate.ts';
import type { Principal } from '../../auth/principal.ts';
import { CarrelError } from '../../base/errors.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import type { PageFiles } from '../page/files.ts';
import { type Notice, signInPage } from '../page/sign-in.ts';
import { parameter, type Routes, type Visit } from './routes.ts';
import { pagePolicy } from './security-headers.ts';

const NOT_BUILT = 'the pages have not been built: `npm start` does it, and the log says why where it could not';

const form = urlencoded({ extended: false, limit: 8192 });

export function addPageRoutes(routes: Routes, deps: EdgeDeps, files: PageFiles): void {
  const home = `${deps.base}/`;

  routes.open('get', '/', async (visit) => {
    const { request, response, facts } = visit;
    if (!(request.headers.accept ?? '').includes('text/html'))
      throw new CarrelError('not_found', 'the page at this address is for browsers; the API begins at api/');
    if (request.originalUrl.split('?')[0] !== home) return response.redirect(302, home);
    response.set('Cache-Control', 'no-store');
    const session = await deps.authenticator.session(facts);
    if (facts.queryToken !== undefined) return signInByLink(deps, visit, facts.queryToken, session);
    if (session === undefined) return show(response, 200, 'welcome');
    if (session.via.kind === 'session') setXsrf(deps, response, session.via.csrf);
    if (files.web === undefined) throw new CarrelError('internal', NOT_BUILT);
    pagePolicy(response).send(files.web.home);
  });

  routes.open('post', '/signin', async ({ request, response, facts }) => {
    response.set('Cache-Control', 'no-store');
    if (!deps.site.isOwnOrigin(facts)) throw new CarrelError('forbidden', 'sign in from Carrel’s own page');
    await new Promise<void>((done, fail) => {
      form(request, response, (error?: unknown) => (error === undefined ? done() : fail(error)));
    });
    const given: unknown = (request.body as Record<string, unknown> | undefined)?.['token'];
    const principal = typeof given === 'string' ? await deps.tokens.verify(tokenIn(given)) : undefined;
    if (principal === undefined) return show(response, 401, 'invalid');
    await signIn(deps, response, principal);
    response.redirect(303, home);
  });

  routes.person('post', '/api/signout', async ({ principal, response }) => {
    await deps.browsers.end(principal);
    response.clearCookie(sessionCookie(deps.site.secure), cookieOptions(deps));
    response.clearCookie('_xsrf', { ...cookieOptions(deps), httpOnly: false });
    response.status(204).end();
  });

  routes.open('get', '/page/:file', ({ request, response }) => {
    const file = files.signIn.get(parameter(request, 'file'));
    if (file === undefined) throw new CarrelError('not_found', 'there is no such file');
    response.set('Cache-Control', 'no-cache').type(file.type).send(file.content);
  });
}

async function signInByLink(deps: EdgeDeps, visit: Visit, token: string, session: Principal | undefined) {
  const { response } = visit;
  const principal = await deps.tokens.verify(token);
  if (principal === undefined || principal.via.kind !== 'token') return show(response, 401, 'invalid');
  if (session?.user !== principal.user) {
    if (!(await deps.spendLink(principal.via.id))) return show(response, 403, 'used');
    await signIn(deps, response, principal);
  }
  response.redirect(302, `${deps.base}/`);
}

async function signIn(deps: EdgeDeps, response: Response, principal: Principal): Promise<void> {
  const { cookie, csrf, maxAge } = await deps.browsers.create(principal);
  response.cookie(sessionCookie(deps.site.secure), cookie, { ...cookieOptions(deps), maxAge });
  setXsrf(deps, response, csrf);
}

/** Readable by the page's script, which sends it back as X-XSRFToken; renewed with the page, should another program on this host have overwritten it. */
export const setXsrf = (deps: EdgeDeps, response: Response, csrf: string): void =>
  void response.cookie('_xsrf', csrf, { ...cookieOptions(deps), httpOnly: false });

/** A `__Host-` cookie has the path `/` by definition. */
const cookieOptions = (deps: EdgeDeps) =>
  ({
    httpOnly: true,
    sameSite: 'lax',
    secure: deps.site.secure,
    path: deps.site.secure ? '/' : `${deps.base}/`,
  }) as const;

const show = (response: Response, status: number, notice: Notice): void =>
  void response.status(status).type('html').send(signInPage(notice));

/** People paste the whole address as well as the token. */
const tokenIn = (text: string): string => /[?&]token=([^&#\s]+)/.exec(text)?.[1] ?? text.trim();
