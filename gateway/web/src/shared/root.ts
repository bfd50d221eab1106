/**
 * Where this Carrel begins: it may run below a base path. Each page's HTML says how far up that is (`data-root`), because the
 * home page and a worksheet lie at different depths.
 */
export const root = new URL(document.documentElement.dataset['root'] ?? './', location.href);

/** An address of this Carrel from its path, such as `api/me`. */
export const address = (path: string): string => new URL(path, root).href;

/** The same for a WebSocket. */
export function socketAddress(path: string): string {
  const url = new URL(path, root);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
