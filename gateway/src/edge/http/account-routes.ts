/** `/api/account`: a person's own password, browsers and API tokens. */
import { browserName } from '../../auth/browser-name.ts';
import type { WebSession } from '../../auth/browser-sessions.ts';
import type { Principal } from '../../auth/principal.ts';
import { CarrelError } from '../../base/errors.ts';
import {
  type AccountModel,
  type BrowserSessionModel,
  changePasswordBody,
  createTokenBody,
  type EndedModel,
  type NewTokenModel,
  type TokenModel,
} from '../../wire/account-rest.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import { readBody } from './body.ts';
import { clientOf, signInBrowser } from './browser-cookies.ts';
import { parameter, type Routes } from './routes.ts';

const DAY = 86_400_000;

export function addAccountRoutes(routes: Routes, deps: EdgeDeps): void {
  const { accounts, browsers, tokens } = deps;

  routes.person('get', '/api/account', async ({ principal, response }) => {
    const { user: id, name, role } = principal;
    const model: AccountModel = { id, name, role, has_password: await accounts.hasPassword(id) };
    response.json(model);
  });

  /** A browser that changes it is given a new session, because its old one has ended with all others. */
  routes.person('post', '/api/account/password', async (visit) => {
    const { principal, request, response, facts } = visit;
    const { present, password } = await readBody(request, response, changePasswordBody);
    const { address } = clientOf(deps, facts);
    const model: EndedModel = { ended: await accounts.changePassword(principal, present, password, address) };
    if (principal.via.kind === 'session') await signInBrowser(deps, visit, principal, 'new password');
    response.json(model);
  });

  routes.person('get', '/api/account/sessions', async ({ principal, response }) => {
    const list = await browsers.list(principal.user);
    response.json(list.map((session) => sessionModel(session, principal)));
  });

  routes.person('delete', '/api/account/sessions', async ({ principal, response }) => {
    const model: EndedModel = { ended: await browsers.endOthers(principal.user, principal) };
    accounts.ended();
    response.json(model);
  });

  routes.person('delete', '/api/account/sessions/:id', async ({ principal, request, response }) => {
    if (!(await browsers.endOne(principal.user, parameter(request, 'id'))))
      throw new CarrelError('not_found', 'you have no such session; it may have ended already');
    accounts.ended();
    response.status(204).end();
  });

  routes.person('get', '/api/account/tokens', async ({ principal, response }) => {
    response.json((await tokens.list(principal.user)).map(tokenModel));
  });

  routes.person('post', '/api/account/tokens', async ({ principal, request, response }) => {
    const { label, days } = await readBody(request, response, createTokenBody);
    const token = await tokens.issue({ id: principal.user }, label, days * DAY);
    const made = (await tokens.list(principal.user)).at(-1);
    if (made === undefined) throw new CarrelError('internal', 'the token has ended already');
    const model: NewTokenModel = { ...tokenModel(made), token };
    response.status(201).json(model);
  });

  routes.person('delete', '/api/account/tokens/:id', async ({ principal, request, response }) => {
    if (!(await tokens.revoke(principal.user, parameter(request, 'id'))))
      throw new CarrelError('not_found', 'you have no such token; it may have ended already');
    accounts.ended();
    response.status(204).end();
  });
}

const iso = (ms: number): string => new Date(ms).toISOString();

const sessionModel = (session: WebSession, { via }: Principal): BrowserSessionModel => ({
  id: session.idHash,
  current: via.kind === 'session' && via.idHash === session.idHash,
  signed_in_at: iso(session.createdAt),
  seen_at: iso(session.seenAt),
  ends_at: iso(session.endsAt),
  ...browserName(session.userAgent),
  address: session.address,
});

const tokenModel = (token: {
  readonly id: string;
  readonly label: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly lastUsedDay?: string;
}): TokenModel => ({
  id: token.id,
  label: token.label,
  created_at: iso(token.createdAt),
  ends_at: iso(token.expiresAt),
  last_used: token.lastUsedDay ?? null,
});
