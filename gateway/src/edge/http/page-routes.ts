/**
 * The page at `/` and signing out. An address with `?token=` signs one browser in and leads on to an address without it, so that
 * the token stays in no history; the token itself goes on to work for programs.
 *
 * Only requests of browsers for pages (`Accept: text/html`) are answered so; others get 404, which tells VS Code that there is
 * no password to ask for.
 */
import { ownPath } from '../../auth/own-path.ts';
import type { Principal } from '../../auth/principal.ts';
import { CarrelError } from '../../base/errors.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import type { PageFiles } from '../page/files.ts';
import { clearCookies, setXsrf, signInBrowser } from './browser-cookies.ts';
import { parameter, type Routes, type Visit } from './routes.ts';
import { pagePolicy } from './security-headers.ts';
import { showSignIn } from './sign-in-routes.ts';

const NOT_BUILT = 'the pages have not been built: `npm start` does it, and the log says why where it could not';

export function addPageRoutes(routes: Routes, deps: EdgeDeps, files: PageFiles): void {
  const home = `${deps.base}/`;

  routes.open('get', '/', async (visit) => {
    const { request, response, facts } = visit;
    if (!(request.headers.accept ?? '').includes('text/html'))
      throw new CarrelError('not_found', 'the page at this address is for browsers; the API begins at api/');
    if (request.originalUrl.split('?')[0] !== home) return response.redirect(302, home);
    const session = await deps.authenticator.session(facts);
    if (facts.queryToken !== undefined) return signInByLink(deps, visit, facts.queryToken, session);
    const next = ownPath(facts.query.get('next'));
    if (session === undefined) return showSignIn(deps, visit, 200, { notice: next === '' ? 'welcome' : 'first', next });
    if (next !== '') return response.redirect(302, `${deps.base}/${next}`);
    if (session.via.kind === 'session') setXsrf(deps, response, session.via.csrf);
    if (files.web === undefined) throw new CarrelError('internal', NOT_BUILT);
    pagePolicy(response).send(files.web.home);
  });

  routes.person('post', '/api/signout', async ({ principal, response }) => {
    await deps.browsers.end(principal);
    deps.accounts.ended();
    clearCookies(deps, response);
    response.status(204).end();
  });

  routes.open('get', '/page/:file', ({ request, response }) => {
    const file = files.signIn.get(parameter(request, 'file'));
    if (file === undefined) throw new CarrelError('not_found', 'there is no such file');
    response.set('Cache-Control', 'no-cache').type(file.type).send(file.content);
  });
}

/**
 * Anybody has a token of their own, and a page may lead people to an address with it: they would go on as that person without
 * noticing (login CSRF). So an address signs in who opens it by themselves, and never in place of another person. Browsers say where
 * they were led from over HTTPS and at loopback addresses only; elsewhere the session alone decides.
 */
async function signInByLink(deps: EdgeDeps, visit: Visit, token: string, session: Principal | undefined) {
  const { response, facts } = visit;
  const next = ownPath(facts.query.get('next'));
  const principal = await deps.tokens.verify(token);
  if (principal === undefined || principal.via.kind !== 'token')
    return showSignIn(deps, visit, 401, { notice: 'badToken', next });
  if (session?.user !== principal.user) {
    const notice = session !== undefined ? 'otherPerson' : fromElsewhere(visit) ? 'otherSite' : undefined;
    if (notice !== undefined) return showSignIn(deps, visit, 403, { notice, next });
    if (!(await deps.spendLink(principal.via.id))) return showSignIn(deps, visit, 403, { notice: 'used', next });
    await signInBrowser(deps, visit, principal, 'token');
  }
  response.redirect(302, `${deps.base}/${next}`);
}

/** Led here by a page of another origin. A browser where somebody typed or pasted the address, or a program opened it, says `none`. */
function fromElsewhere({ request }: Visit): boolean {
  const site = request.headers['sec-fetch-site'];
  return site !== undefined && site !== 'none' && site !== 'same-origin';
}
