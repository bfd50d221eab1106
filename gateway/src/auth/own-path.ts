/**
 * Where people go after signing in. The address comes from the query, where anybody may have written it, so only what can be
 * nothing but a page of this Carrel counts: words joined by `/`, below the base path that is put in front. It cannot name a host
 * (`//host`, `\\host`, `https:`), climb (`..`) or be one of the addresses that do something.
 */
const PATH = /^\w[\w.~-]*(\/\w[\w.~-]*)*(\?[\w.~=&%-]*)?$/;
const NOT_PAGES = /^(api|assets|page|signin|signup|invite|kernelspecs)\b/;
const LONGEST = 500;

/** The text where it is such a path, relative to the base; empty, which is the home page, for everything else. */
export function ownPath(text: unknown): string {
  if (typeof text !== 'string' || text.length > LONGEST) return '';
  return PATH.test(text) && !NOT_PAGES.test(text) ? text : '';
}
