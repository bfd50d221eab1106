/**
 * The error catalogue: every failure that a caller may see has a code here. `http` is the status of a REST answer, `retry`
 * says whether the same request may succeed later. A `CarrelError`'s message is written for the person who reads it and
 * names what was expected, what was found and where; it never carries a stack trace or a secret.
 */
const CATALOGUE = {
  bad_request: { http: 400, retry: false },
  unauthenticated: { http: 401, retry: false },
  forbidden: { http: 403, retry: false },
  not_found: { http: 404, retry: false },
  gone: { http: 410, retry: false },
  conflict: { http: 409, retry: false },
  too_large: { http: 413, retry: false },
  /** jupyter_server answers 501 for a kernelspec that is not installed, when a session asks for it. */
  unknown_kernelspec: { http: 501, retry: false },
  quota_reached: { http: 429, retry: true },
  /** Of somebody who may be guessing. */
  too_many_attempts: { http: 429, retry: true },
  /** The host's share is used up, or the queue is full. */
  no_capacity: { http: 503, retry: true },
  image_missing: { http: 503, retry: false },
  engine_unavailable: { http: 503, retry: true },
  warden_unavailable: { http: 503, retry: true },
  store_unavailable: { http: 503, retry: true },
  /** The container was never started. */
  sandbox_rejected: { http: 500, retry: false },
  /** The container was started and failed before it was of use. */
  sandbox_failed: { http: 503, retry: true },
  kernel_failed: { http: 500, retry: true },
  timeout: { http: 504, retry: true },
  invalid_policy: { http: 500, retry: false },
  invalid_settings: { http: 500, retry: false },
  internal: { http: 500, retry: false },
} as const satisfies Record<string, { http: number; retry: boolean }>;

export type ErrorCode = keyof typeof CATALOGUE;

export class CarrelError extends Error {
  readonly code: ErrorCode;
  /** Seconds until the same request may succeed, where that is known. */
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown; retryAfter?: number }) {
    super(message, options);
    this.name = 'CarrelError';
    this.code = code;
    this.retryAfter = options?.retryAfter;
  }

  get http(): number {
    return CATALOGUE[this.code].http;
  }

  get retry(): boolean {
    return CATALOGUE[this.code].retry;
  }
}

export const isErrorCode = (text: string): text is ErrorCode => Object.hasOwn(CATALOGUE, text);

/** Any thrown value as a CarrelError; what is not one already becomes `internal` with the cause kept for the log. */
export function toCarrelError(thrown: unknown): CarrelError {
  if (thrown instanceof CarrelError) return thrown;
  return new CarrelError('internal', 'the server met an unexpected condition', { cause: thrown });
}
