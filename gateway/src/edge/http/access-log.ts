/** One line per request. The query is left out: clients put tokens there. So is the key of a link to a worksheet. */
import type { RequestHandler } from 'express';
import type { Logger } from '../../base/ports.ts';

const LINK = /^((?:.*\/)?s\/)[^/]+$/;

export const accessLog =
  (logger: Logger): RequestHandler =>
  (request, response, next) => {
    const begun = performance.now();
    const { method } = request;
    const path = request.path.replace(LINK, '$1…');
    response.once('close', () => {
      const ms = Math.round(performance.now() - begun);
      const fields = { method, path, status: response.statusCode, ms, user: response.locals['user'] };
      const polled = method === 'GET' && response.statusCode < 400;
      logger[polled ? 'debug' : 'info'](
        fields,
        response.writableFinished ? 'request' : 'request that the client gave up',
      );
    });
    next();
  };
