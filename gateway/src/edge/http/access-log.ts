/** One line per request. The query is left out: clients put tokens there. So is the key of a link to a worksheet. */
import type { RequestHandler } from 'express';
import type { Logger, Meter } from '../../base/ports.ts';
import { requestId } from '../../base/request-context.ts';

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const LINK = /^((?:.*\/)?s\/)[^/]+$/;

export const accessLog =
  (logger: Logger, meter: Meter): RequestHandler =>
  (request, response, next) => {
    const begun = performance.now();
    const { method } = request;
    const id = requestId();
    const path = request.path.replace(LINK, '$1…');
    response.once('close', () => {
      const ms = Math.round(performance.now() - begun);
      const fields = { request: id, method, path, status: response.statusCode, ms, user: response.locals['user'] };
      meter.request(METHODS.has(method) ? method : 'other', response.locals['route'] ?? 'none', response.statusCode);
      const polled = method === 'GET' && response.statusCode < 400;
      logger[polled ? 'debug' : 'info'](
        fields,
        response.writableFinished ? 'request' : 'request that the client gave up',
      );
    });
    next();
  };
