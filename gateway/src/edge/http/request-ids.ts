/** Gives every request an id, or takes the one that its sender has given: it stands in the answer and in every line of the log. */
import type { RequestHandler } from 'express';
import { REQUEST_ID, requestIdOf, withRequest } from '../../base/request-context.ts';

export const requestIds: RequestHandler = (request, response, next) => {
  const id = requestIdOf(request.headers[REQUEST_ID]);
  response.set('X-Request-Id', id);
  withRequest(id, next);
};
