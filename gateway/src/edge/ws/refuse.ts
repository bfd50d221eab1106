/** Answers an upgrade that is not accepted, as an HTTP response with the JSON that REST routes would give. */
import type { Duplex } from 'node:stream';
import { type CarrelError, toCarrelError } from '../../base/errors.ts';
import { http } from '../../base/node-http.ts';
import { failureBody, RETRY_AFTER } from '../http/failures.ts';

export function refuse(socket: Duplex, thrown: unknown): CarrelError {
  const error = toCarrelError(thrown);
  const body = JSON.stringify(failureBody(error));
  const lines = [
    `HTTP/1.1 ${error.http} ${http.STATUS_CODES[error.http] ?? 'Error'}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(error.retry ? [`Retry-After: ${error.retryAfter ?? RETRY_AFTER}`] : []),
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
  return error;
}
