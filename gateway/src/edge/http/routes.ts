/**
 * The only way to add a route. `person` routes are refused to everybody whom the authenticator cannot name; a route that
 * needs no credentials has to be added as `open`, which `edge-routes.test.ts` compares with a list.
 */
import { type NextFunction, type Request, type Response, Router } from 'express';
import { clientAddress, networkOf } from '../../auth/client-address.ts';
import type { Principal } from '../../auth/principal.ts';
import { type RequestFacts, readFacts } from '../../auth/request-facts.ts';
import { CarrelError } from '../../base/errors.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import { AuditTrail } from './audit-trail.ts';
import { allowOrigin } from './cors.ts';
import { isHeavy } from './heavy-work.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

export interface Visit {
  readonly request: Request;
  readonly response: Response;
  readonly facts: RequestFacts;
}

export interface PersonVisit extends Visit {
  readonly principal: Principal;
}

export class Routes {
  readonly router = Router({ caseSensitive: true });
  readonly #deps: EdgeDeps;
  readonly #audit: AuditTrail;
  readonly #methods = new Map<string, Set<Method>>();

  constructor(deps: EdgeDeps) {
    this.#deps = deps;
    this.#audit = new AuditTrail(deps);
  }

  open(method: Method, path: string, handle: (visit: Visit) => Promise<void> | void): void {
    this.#add(method, path, async (request, response) => {
      const facts = readFacts(request);
      const record = this.#audit.begin(`${method.toUpperCase()} ${path}`, request, response);
      await handle({ request, response, facts });
      await record(facts, response.locals['principal']);
    });
  }

  person(method: Method, path: string, handle: (visit: PersonVisit) => Promise<void> | void): void {
    this.#add(method, path, async (request, response) => {
      const facts = readFacts(request);
      const principal = await this.#known(facts);
      await this.#deps.rates.take('person', principal.user);
      if (isHeavy(`${method} ${path}`, request)) await this.#deps.rates.take('heavy', principal.user);
      response.locals['user'] = principal.name;
      if (principal.via.kind === 'token') allowOrigin(facts, response);
      const record = this.#audit.begin(`${method.toUpperCase()} ${path}`, request, response);
      await handle({ request, response, facts, principal });
      await record(facts, principal);
    });
  }

  /** Whoever is refused again and again is told to wait, so that guessing and asking cost little. */
  async #known(facts: RequestFacts): Promise<Principal> {
    const { authenticator, rates, proxies } = this.#deps;
    try {
      return await authenticator.authenticate(facts, 'http');
    } catch (error) {
      if (error instanceof CarrelError && error.code === 'unauthenticated')
        await rates.take('refused', networkOf(clientAddress(facts, proxies)));
      throw error;
    }
  }

  /** Adds the answers for methods that a path does not have; called once, after all routes. */
  close(): void {
    for (const [path, methods] of this.#methods) {
      const allowed = [...methods].map((method) => method.toUpperCase()).join(', ');
      this.router.all(path, (request, response, next) => {
        if (request.method === 'OPTIONS') return next();
        response.set('Allow', allowed).status(405);
        response.json({
          message: `${request.method} is not possible here, only ${allowed}`,
          reason: 'Method Not Allowed',
        });
      });
    }
  }

  #add(method: Method, path: string, handle: (request: Request, response: Response) => Promise<void> | void): void {
    const known = this.#methods.get(path) ?? new Set();
    this.#methods.set(path, known.add(method));
    this.router[method](path, (request: Request, response: Response, next: NextFunction) => {
      response.locals['route'] = path;
      Promise.resolve()
        .then(() => handle(request, response))
        .catch(next);
    });
  }
}

/** A path parameter that every route with `:name` has. */
export function parameter(request: Request, name: string): string {
  const value = request.params[name];
  if (typeof value !== 'string') throw new CarrelError('not_found', `the path has no ${name}`);
  return value;
}
