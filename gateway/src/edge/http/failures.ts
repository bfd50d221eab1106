/** Turns whatever was thrown into the JSON that Jupyter's clients show. Nothing of the inside reaches them. */
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { CarrelError, toCarrelError } from '../../base/errors.ts';
import { http } from '../../base/node-http.ts';
import type { Logger } from '../../base/ports.ts';
import { requestId } from '../../base/request-context.ts';
import { type NamedMessage, named } from '../../wire/told.ts';

/** Seconds; after this time a freed place or a restarted part is likely. */
export const RETRY_AFTER = 5;

export interface FailureBody extends NamedMessage {
  readonly message: string;
  readonly reason: string;
  /** jupyter_server sends it with 501, JupyterLab shows it. */
  readonly short_message?: string;
  /** Of the request: the log has it in each of its lines. */
  readonly request_id?: string;
}

export function failureBody(error: CarrelError): FailureBody {
  const reason = http.STATUS_CODES[error.http] ?? 'Error';
  const short = error.code === 'unknown_kernelspec' ? { short_message: error.message } : {};
  const id = requestId();
  return {
    message: error.message,
    ...named(error.message),
    reason,
    ...short,
    ...(id === undefined ? {} : { request_id: id }),
  };
}

export const answerFailure =
  (logger: Logger): ErrorRequestHandler =>
  (thrown, request, response, _next) => {
    const error = fromExpress(thrown) ?? toCarrelError(thrown);
    if (error.http >= 500)
      logger.error({ err: error.cause ?? error, path: request.path, code: error.code }, error.message);
    if (response.headersSent) {
      request.socket.destroy();
      return;
    }
    if (error.retry) response.set('Retry-After', String(error.retryAfter ?? RETRY_AFTER));
    response.status(error.http).json(failureBody(error));
  };

export const answerUnknownPath: RequestHandler = (_request, response) => {
  const message = 'there is nothing at this address';
  response.status(404).json({ message, ...named(message), reason: 'Not Found' });
};

/** Express names its own complaints (a path that cannot be decoded, for instance) by a status. */
function fromExpress(thrown: unknown): CarrelError | undefined {
  if (!(thrown instanceof Error) || !('status' in thrown) || typeof thrown.status !== 'number') return undefined;
  if (thrown.status < 400 || thrown.status >= 500) return undefined;
  return new CarrelError('bad_request', 'the request cannot be read', { cause: thrown });
}
