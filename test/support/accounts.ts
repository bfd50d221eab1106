/** Browsers that sign in by the forms of the pages, without a browser: what tests of accounts do. */
import { type RawAnswer, raw, type TestEdge } from './edge.ts';

export const HTML = { Accept: 'text/html,application/xhtml+xml' };
export const CHROMIUM =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36';

export interface Jar {
  readonly Cookie: string;
  readonly xsrf: string;
}

/** The cookies that an answer sets; undefined where it signs nobody in. */
export function jarOf(answer: RawAnswer): Jar | undefined {
  const set = (answer.headers['set-cookie'] ?? []).map((line) => line.split(';')[0] ?? '');
  const xsrf = set.find((pair) => pair.startsWith('_xsrf='))?.slice(6) ?? '';
  return set.some((pair) => /carrel_session=./.test(pair)) ? { Cookie: set.join('; '), xsrf } : undefined;
}

/** Posts a form as our own page does. */
export const post = (
  edge: TestEdge,
  path: string,
  fields: Record<string, string>,
  headers = {},
): Promise<RawAnswer> => {
  const type = { 'Content-Type': 'application/x-www-form-urlencoded', Origin: `http://${edge.host}` };
  return raw(edge, 'POST', path, { ...HTML, ...type, ...headers }, new URLSearchParams(fields).toString());
};

/** Signs in by name and password; throws where that is refused. */
export async function signIn(edge: TestEdge, name: string, password: string, headers = {}): Promise<Jar> {
  const answer = await post(edge, '/signin', { name, password }, headers);
  const jar = jarOf(answer);
  if (jar === undefined) throw new Error(`${name} was not signed in: ${answer.status}`);
  return jar;
}

/** A request of a page of that browser. */
export const ask = (edge: TestEdge, jar: Jar, method: string, path: string, body?: object): Promise<RawAnswer> => {
  const headers = { Cookie: jar.Cookie, 'X-XSRFToken': jar.xsrf, Origin: `http://${edge.host}` };
  return raw(edge, method, path, headers, body && JSON.stringify(body));
};

/** A request with a token. */
export const call = (edge: TestEdge, token: string, method: string, path: string, body?: object): Promise<RawAnswer> =>
  raw(edge, method, path, { Authorization: `token ${token}` }, body && JSON.stringify(body));

/** The key in a link of the people's list. */
export const keyOf = (answer: RawAnswer): string => String(answer.json.link).split('#')[1] ?? '';

/** Invites a person and sets their password by the link. */
export async function invited(edge: TestEdge, name: string, password: string, role = 'member'): Promise<Jar> {
  const made = await call(edge, edge.token, 'POST', '/api/people', { name, role });
  const jar = jarOf(await post(edge, '/invite', { key: keyOf(made), password }));
  if (jar === undefined) throw new Error(`${name} could not be invited: ${made.status} ${made.text}`);
  return jar;
}

/** An administrator deletes a person. Node frames the body of a DELETE only where its length is told. */
export const remove = (edge: TestEdge, id: string, body: object, token = edge.token): Promise<RawAnswer> => {
  const text = JSON.stringify(body);
  const headers = { Authorization: `token ${token}`, 'Content-Length': Buffer.byteLength(text) };
  return raw(edge, 'DELETE', `/api/people/${id}`, headers, text);
};
