/** The REST calls of the page, relative to its own address, with the proof that they come from this page. */

/** What the server said about a request that failed; `status` is 0 where it could not be reached. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

const xsrf = () => /(?:^|; )_xsrf=([^;]+)/.exec(document.cookie)?.[1] ?? '';

/** The answer's JSON, undefined where it has none. */
export async function api(method, path, body) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: { 'Content-Type': 'application/json', 'X-XSRFToken': xsrf() },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError(0, 'Carrel cannot be reached.');
  }
  const answer = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  throw new ApiError(response.status, answer?.message ?? `The server answered ${response.status}.`);
}
