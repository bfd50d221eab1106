/**
 * The headers of every answer. Pages run and load nothing but Carrel's own files; nobody may frame them. The pages of worksheets
 * show what notebooks hold, so each kind of answer that does has its own policy here, and nowhere else.
 */
import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

export const securityHeaders = (secure: boolean): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'", 'data:'],
        'connect-src': ["'self'"],
        'form-action': ["'self'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
        'require-trusted-types-for': ["'script'"],
      },
    },
    strictTransportSecurity: secure,
    /** `no-referrer` would make browsers send `Origin: null` with forms, which sign-in checks. */
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });

const policy = (directives: Record<string, string>): string =>
  Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`.trim())
    .join('; ');

/** Images of notebooks are data or blobs, KaTeX brings fonts, script outputs are in a frame of ours. */
const PAGE = policy({
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data: blob:",
  'font-src': "'self'",
  'media-src': 'data: blob:',
  'connect-src': "'self'",
  'frame-src': "'self'",
  'form-action': "'self'",
  'base-uri': "'none'",
  'frame-ancestors': "'none'",
  'require-trusted-types-for': "'script'",
  'trusted-types': 'dompurify',
});

/** Scripts of outputs run, in an origin of nobody's and without a network, also where the frame is opened by itself. */
const FRAME = policy({
  sandbox: 'allow-scripts',
  'default-src': "'none'",
  'script-src': "'unsafe-inline' 'unsafe-eval'",
  'style-src': "'unsafe-inline'",
  'img-src': 'data: blob:',
  'font-src': 'data:',
  'media-src': 'data: blob:',
  'form-action': "'none'",
  'base-uri': "'none'",
  'frame-ancestors': "'self'",
});

const DOWNLOAD = policy({ 'default-src': "'none'", sandbox: '' });

/** For the HTML of the pages that the build makes. */
export const pagePolicy = (response: Response): Response => response.type('html').set('Content-Security-Policy', PAGE);

/** For the frames in which the scripts of outputs run and widgets are drawn. */
export const framePolicy = (response: Response): Response =>
  response.type('html').set('Content-Security-Policy', FRAME).set('X-Frame-Options', 'SAMEORIGIN');

/** For every answer that holds bytes of a notebook: a browser that shows them instead of saving them runs nothing. */
export const downloadPolicy = (response: Response): Response => response.set('Content-Security-Policy', DOWNLOAD);
