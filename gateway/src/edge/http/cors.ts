/**
 * Pages of other origins may use the API with a token of their own, as Jupyter's clients do. Cookies are never allowed
 * across origins: `Access-Control-Allow-Credentials` is not sent.
 */
import type { Response } from 'express';
import type { RequestFacts } from '../../auth/request-facts.ts';

/** To a request whose token was accepted. */
export function allowOrigin(facts: RequestFacts, response: Response): void {
  if (facts.origin === undefined) return;
  response.set('Access-Control-Allow-Origin', facts.origin);
  response.set('Access-Control-Expose-Headers', 'Location, Retry-After');
  response.vary('Origin');
}

/** To the question whether a request may be sent; it carries no credentials, and the answer grants none. */
export function answerPreflight(facts: RequestFacts, response: Response): void {
  allowOrigin(facts, response);
  response.set('Access-Control-Allow-Methods', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS');
  response.set('Access-Control-Allow-Headers', 'accept, authorization, content-type, x-xsrftoken');
  response.set('Access-Control-Max-Age', '600');
  response.status(204).end();
}
