/**
 * Markup of notebooks made harmless without a browser: only named elements, attributes and addresses are left, as in the page
 * (gateway/web/src/outputs/sanitise.ts). The policy in the file stands behind it.
 */
import sanitizeHtml, { type IOptions, type Tag } from 'sanitize-html';

const TAGS =
  'a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn div dl dt em ' +
  'figcaption figure font footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd li main mark meter nav nobr ol p pre progress q rp rt ' +
  'ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr';

const ATTRIBUTES =
  'abbr align alt bgcolor border cellpadding cellspacing cite class color colspan datetime dir face headers height href hspace lang max ' +
  'min nowrap open reversed rowspan scope size span src start summary title type valign value vspace width';

/** Addresses relative to the file would lead into the disk that it is opened from. */
const LINK = /^(?:https?:|mailto:|#)/i;
const PICTURE = /^data:image\/(?:png|jpeg|gif|webp|svg\+xml)[;,]/i;

const OPTIONS: IOptions = {
  allowedTags: TAGS.split(' '),
  allowedAttributes: { '*': ATTRIBUTES.split(' '), a: ['target', 'rel'] },
  allowedClasses: { '*': ['dataframe', 'math-inline', 'math-block', 'language-*'] },
  allowedSchemes: ['http', 'https', 'mailto', 'data'],
  allowProtocolRelative: false,
  enforceHtmlBoundary: false,
  nonTextTags: [
    'script',
    'style',
    'textarea',
    'option',
    'noscript',
    'template',
    'title',
    'xmp',
    'iframe',
    'noembed',
    'noframes',
  ],
  /** Markup that is nested this deeply is text from there on. */
  nestingLimit: 200,
  transformTags: { '*': addressed },
};

export const sanitised = (html: string): string => sanitizeHtml(html, OPTIONS);

/** Only links lead somewhere, and only pictures have a source. */
function addressed(tagName: string, { href = '', src = '', alt, target: _, rel: __, ...rest }: Tag['attribs']): Tag {
  if (tagName === 'img') {
    const source = PICTURE.test(src) ? { src } : {};
    return { tagName, attribs: { ...rest, ...source, alt: alt ?? '' } };
  }
  const address = href.trim();
  if (tagName !== 'a' || !LINK.test(address)) return { tagName, attribs: rest };
  const outside = address.startsWith('#') ? {} : { target: '_blank', rel: 'noopener noreferrer' };
  return { tagName, attribs: { ...rest, href: address, ...outside } };
}
