/** What goes wrong between us and the engine, as errors of the catalogue. */
import { CarrelError, type ErrorCode } from '../../base/errors.ts';

/** The engine answered with an HTTP status; `words` are its own. */
export interface EngineAnswer {
  readonly status: number;
  readonly words: string;
}

/** The answer inside an error of dockerode; undefined where the engine did not answer. */
export function answerOf(error: unknown): EngineAnswer | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  const json = 'json' in error ? (error.json as { message?: unknown } | null) : null;
  const words = typeof json?.message === 'string' ? json.message : error.message;
  return { status: error.statusCode, words: words.trim().slice(0, 500) };
}

export const isStatus = (error: unknown, ...statuses: number[]): boolean => {
  const answer = answerOf(error);
  return answer !== undefined && statuses.includes(answer.status);
};

/**
 * `what` completes "the engine refused to …". Connection errors become `engine_unavailable` and name the address; answers
 * become `refusal`.
 */
export function toEngineError(
  error: unknown,
  what: string,
  address: string,
  refusal: ErrorCode = 'internal',
): CarrelError {
  if (error instanceof CarrelError) return error;
  const answer = answerOf(error);
  if (answer !== undefined) {
    return new CarrelError(refusal, `the engine refused to ${what}: ${answer.words}`, { cause: error });
  }
  return new CarrelError('engine_unavailable', `no Docker engine at ${address}: ${connectionReason(error)}`, {
    cause: error,
  });
}

/** Why a connection ended or never came to be, for people. */
export function connectionReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such socket; is it installed and running?',
    ECONNREFUSED: 'nothing listens there; is it running?',
    EACCES: 'this user may not open the socket; it must be root or in the group "docker"',
    EPERM: 'this user may not open the socket; it must be root or in the group "docker"',
    ECONNRESET: 'it closed the connection',
    EPIPE: 'it closed the connection',
    ENOTFOUND: 'the host name is not known',
    EAI_AGAIN: 'the host name cannot be looked up now',
    ETIMEDOUT: 'it does not answer',
    EHOSTUNREACH: 'the host cannot be reached',
  };
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}
