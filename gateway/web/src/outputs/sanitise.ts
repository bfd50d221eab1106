/**
 * Markup of notebooks made harmless by DOMPurify, as elements: no markup is ever assigned to `innerHTML`, so the only Trusted
 * Types policy of the page is DOMPurify's own. What is left can neither run, load, nor name anything that the page looks up, nor
 * look like a part of the page.
 */
import DOMPurify, { type Config } from 'dompurify';
import { Recent } from '../shared/recent.ts';

const CONFIG = {
  RETURN_DOM_FRAGMENT: true,
  USE_PROFILES: { html: true },
  FORBID_TAGS: [
    'style',
    'form',
    'input',
    'button',
    'select',
    'option',
    'textarea',
    'dialog',
    'audio',
    'video',
    'source',
    'track',
    'picture',
    'map',
    'area',
  ],
  FORBID_ATTR: [
    'style',
    'id',
    'name',
    'srcset',
    'background',
    'contenteditable',
    'tabindex',
    'accesskey',
    'autofocus',
    'draggable',
    'is',
    'popover',
    'slot',
  ],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  /** Addresses relative to this site would let a notebook send people to actions of it. */
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#|data:image\/(?:png|jpeg|gif|webp|svg\+xml)[;,])/i,
} satisfies Config;

/** Classes that the style sheet means for notebooks' content. */
const CLASSES = /^(?:dataframe|math-inline|math-block|language-[\w+-]{1,20})$/;

let prepared = false;
function prepare(): void {
  if (prepared) return;
  prepared = true;
  DOMPurify.addHook('uponSanitizeAttribute', (_node, data) => {
    if (data.attrName !== 'class') return;
    data.attrValue = data.attrValue
      .split(/\s+/)
      .filter((name) => CLASSES.test(name))
      .join(' ');
    if (data.attrValue === '') data.keepAttr = false;
  });
  DOMPurify.addHook('afterSanitizeAttributes', (node) => {
    if (node instanceof HTMLAnchorElement && node.hasAttribute('href')) {
      if (/^data:/i.test(node.getAttribute('href') ?? '')) node.removeAttribute('href');
      node.target = '_blank';
      node.rel = 'noopener noreferrer';
    }
    /** The corner of a pandas table heads nothing. */
    if (node.nodeName === 'TH' && node.textContent?.trim() === '') node.setAttribute('role', 'presentation');
    if (node instanceof HTMLImageElement) {
      if (!/^data:image\//i.test(node.getAttribute('src') ?? '')) node.removeAttribute('src');
      if (!node.hasAttribute('alt')) node.alt = '';
    }
  });
}

/** The browser complains of each style attribute that it parses; that of every table of pandas says what the style sheet says. */
const PANDAS_ROW = '<tr style="text-align: right;">';

/** Characters of markup that is kept as elements: a cell that comes near again is drawn from a copy, at a fraction of the cost. */
const KEPT = 4 * 1024 * 1024;
const recent = new Recent<DocumentFragment>(KEPT);

/** The fragment is the caller's own. */
export function sanitise(html: string): DocumentFragment {
  return recent.get(html, clean).cloneNode(true) as DocumentFragment;
}

function clean(html: string): DocumentFragment {
  prepare();
  return DOMPurify.sanitize(html.replaceAll(PANDAS_ROW, '<tr>'), CONFIG);
}
