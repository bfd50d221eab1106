/** The express application: headers, host check, routes, failures, in this order. */
import express, { type Express } from 'express';
import { readFacts } from '../../auth/request-facts.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import type { PageFiles } from '../page/files.ts';
import { accessLog } from './access-log.ts';
import { answerPreflight } from './cors.ts';
import { answerFailure, answerUnknownPath } from './failures.ts';
import { addKernelRoutes } from './kernel-routes.ts';
import { addKernelspecRoutes } from './kernelspec-routes.ts';
import { addPageRoutes } from './page-routes.ts';
import { Routes } from './routes.ts';
import { securityHeaders } from './security-headers.ts';
import { addServerRoutes } from './server-routes.ts';
import { addSessionRoutes } from './session-routes.ts';
import { addWebRoutes } from './web-routes.ts';
import { addWorksheetRoutes } from './worksheet-routes.ts';

export function createApp(deps: EdgeDeps, files: PageFiles): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', false);
  app.use(accessLog(deps.logger));
  app.use(securityHeaders(deps.site.secure));
  app.use((request, response, next) => {
    const facts = readFacts(request);
    deps.site.checkHost(facts);
    if (facts.method === 'OPTIONS') return answerPreflight(facts, response);
    response.set('Cache-Control', 'no-store');
    next();
  });
  const routes = new Routes(deps);
  addServerRoutes(routes, deps);
  addKernelspecRoutes(routes, deps);
  addKernelRoutes(routes, deps);
  addSessionRoutes(routes, deps);
  addWorksheetRoutes(routes, deps);
  addPageRoutes(routes, deps, files);
  addWebRoutes(routes, deps, files);
  routes.close();
  app.use(deps.base === '' ? '/' : deps.base, routes.router);
  app.use(answerUnknownPath);
  app.use(answerFailure(deps.logger));
  return app;
}
