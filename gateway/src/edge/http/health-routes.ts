/**
 * `/healthz`: the process lives. `/readyz`: it can do its work, or 503 with what is missing. Both are for load balancers and
 * monitoring: they need no credentials, answer to every Host and tell nothing but names of parts.
 */
import type { Express, Request, Response } from 'express';
import type { Operations } from '../../operations/operations.ts';

export function addHealthRoutes(app: Express, base: string, operations: Pick<Operations, 'readiness'>): void {
  app.get(`${base}/healthz`, (_request: Request, response: Response) => {
    response.locals['route'] = '/healthz';
    response.set('Cache-Control', 'no-store').json({ status: 'alive' });
  });

  app.get(`${base}/readyz`, async (_request: Request, response: Response) => {
    response.locals['route'] = '/readyz';
    const { ready, checks } = await operations.readiness();
    const missing = checks.filter(({ check, passed }) => !passed && check !== 'engine').map(({ check }) => check);
    response.set('Cache-Control', 'no-store').status(ready ? 200 : 503);
    response.json(ready ? { status: 'ready' } : { status: 'not ready', missing });
  });
}
