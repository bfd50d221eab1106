/** What the build of `gateway/web` has made, beside the home page: the worksheet's page, the frame of its outputs, and their files. */
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Request, Response } from 'express';
import { ownPath } from '../../auth/own-path.ts';
import { CarrelError } from '../../base/errors.ts';
import type { EdgeDeps } from '../gateway-edge.ts';
import type { PageFiles, WebAsset } from '../page/files.ts';
import { setXsrf } from './browser-cookies.ts';
import { parameter, type Routes } from './routes.ts';
import { framePolicy, pagePolicy } from './security-headers.ts';

/** Half a second of work for the largest file, once; the next steps need several. */
const QUALITY = 9;
const YEAR = 'public, max-age=31536000, immutable';

const brotli = promisify(brotliCompress);
const compressions: Record<string, (content: Buffer) => Promise<Buffer>> = {
  br: (content) => brotli(content, { params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY } }),
  gzip: promisify(gzip) as (content: Buffer) => Promise<Buffer>,
};

export function addWebRoutes(routes: Routes, deps: EdgeDeps, { web }: PageFiles): void {
  if (web === undefined) return;
  const compressed = new Compressed();

  /** Whoever is not signed in is asked to, and comes back; the page itself shows nothing, so it does not say whether there is anything. */
  const page = (path: string, content: Buffer) =>
    routes.open('get', path, async ({ request, response, facts }) => {
      const wanted = request.path.slice(1);
      if (wanted.endsWith('/')) return response.redirect(302, `${deps.base}/${ownPath(wanted.slice(0, -1))}`);
      const session = await deps.authenticator.session(facts);
      if (session?.via.kind !== 'session') {
        const next = ownPath(wanted);
        return response.redirect(302, `${deps.base}/signin${next === '' ? '' : `?next=${encodeURIComponent(next)}`}`);
      }
      setXsrf(deps, response, session.via.csrf);
      pagePolicy(response).send(content);
    });
  page('/worksheets/:id', web.worksheet);
  page('/account', web.account);
  page('/people', web.people);
  page('/admin', web.admin);

  routes.open('get', '/output-frame.html', ({ response }) => {
    framePolicy(response.set('Cache-Control', 'no-cache')).send(web.frame);
  });

  routes.open('get', '/widget-frame.html', ({ response }) => {
    framePolicy(response.set('Cache-Control', 'no-cache')).send(web.widgetFrame);
  });

  routes.open('get', '/assets/:file', async ({ request, response }) => {
    const asset = web.assets.get(parameter(request, 'file'));
    if (asset === undefined) throw new CarrelError('not_found', 'there is no such file');
    await compressed.send(request, response.set('Cache-Control', YEAR).type(asset.type), asset);
  });
}

/** Files that are worth it are compressed when they are first asked for, and kept. */
class Compressed {
  readonly #made = new Map<string, WeakMap<WebAsset, Promise<Buffer>>>();

  async send(request: Request, response: Response, asset: WebAsset): Promise<void> {
    const encoding = asset.type.startsWith('font/') || asset.type === 'image/png' ? false : accepted(request);
    response.vary('Accept-Encoding');
    if (encoding === false) return void response.send(asset.content);
    response.set('Content-Encoding', encoding).send(await this.#make(encoding, asset));
  }

  #make(encoding: string, asset: WebAsset): Promise<Buffer> {
    const made = this.#made.get(encoding) ?? new WeakMap<WebAsset, Promise<Buffer>>();
    this.#made.set(encoding, made);
    const known = made.get(asset) ?? compressions[encoding]?.(asset.content) ?? Promise.resolve(asset.content);
    made.set(asset, known);
    return known;
  }
}

const accepted = (request: Request): string | false => {
  const encoding = request.acceptsEncodings(['br', 'gzip']);
  return typeof encoding === 'string' && encoding in compressions ? encoding : false;
};
