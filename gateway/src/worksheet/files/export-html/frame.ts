/**
 * Outputs that bring scripts: each in a frame of opaque origin, whose document stands in the file. Such a document is bound by the
 * policies of the document around it and by its own, and a script runs where all of them let it. The file's first policy asks for a
 * nonce, which no element of the file itself carries; a nonce would let a script be loaded from anywhere, so the second lets only
 * scripts run that stand in their document. Neither lets anything be loaded, sent, opened or navigated to.
 */
import { escaped } from './escape.ts';

const NO_NETWORK =
  "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; media-src data: blob:; form-action 'none'; base-uri 'none'";

/** Of a file without frames. */
const NO_SCRIPTS = `default-src 'none'; ${NO_NETWORK}`;
const ONLY_INLINE = `default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; ${NO_NETWORK}`;
const ONLY_OURS = (nonce: string): string =>
  `default-src 'none'; script-src 'nonce-${nonce}' 'unsafe-eval'; ${NO_NETWORK}`;

/** The file's policies, as elements of its head. Frames cannot be navigated: `frame-src` is the default, none. */
export const policiesOf = (nonce: string, frames: number): string =>
  (frames === 0 ? [NO_SCRIPTS] : [ONLY_OURS(nonce), ONLY_INLINE]).map(policyMarkup).join('\n');

const policyMarkup = (policy: string): string =>
  `<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">`;

/** Pixels. The file has no script that could ask the frame for its height; people can draw it larger. */
const HEIGHTS = { least: 120, usual: 420, most: 900, beside: 24 };

export function frameMarkup(html: string, nonce: string, title: string): string {
  const content = [
    '<!doctype html><html><head><meta charset="utf-8">',
    policyMarkup(ONLY_INLINE),
    `<title>${escaped(title)}</title><style>${STYLE}</style></head><body>`,
    `<script type="application/json">${JSON.stringify(html).replaceAll('<', '\\u003c')}</script>`,
    `<script nonce="${nonce}">${SHOW}</script></body></html>`,
  ].join('');
  return `<iframe class="frame" sandbox="allow-scripts" title="${escaped(title)}" height="${heightOf(html)}" srcdoc="${escaped(content)}"></iframe>`;
}

/** The largest height in pixels that the markup names for itself. */
function heightOf(html: string): number {
  const named = [
    ...html.slice(0, 2_000_000).matchAll(/height["']?\s*[:=]\s*["']?(\d{2,4})(?:\.\d+)?(?:px|[\s"',;}])/gi),
  ].map(([, pixels]) => Number(pixels));
  const wanted = named.length === 0 ? HEIGHTS.usual : Math.max(...named) + HEIGHTS.beside;
  return Math.min(Math.max(wanted, HEIGHTS.least), HEIGHTS.most);
}

const STYLE =
  ':root{color-scheme:light dark}html,body{margin:0;background:transparent}body{font:15px/1.5 system-ui,sans-serif;overflow:auto}' +
  'table{border-collapse:collapse}body>div{display:flow-root}td,th{padding:.2em .6em;text-align:right}';

/**
 * Puts the output into the frame as the page does. Scripts that it brings or makes are given the nonce; handlers that stand in
 * attributes, which a policy with a nonce would not let run, become functions.
 */
const SHOW = `(() => {
const here = document.currentScript, nonce = here.nonce, given = here.previousElementSibling;
const html = JSON.parse(given.textContent);
given.remove();
const make = Document.prototype.createElement;
Document.prototype.createElement = function (...names) {
  const made = make.apply(this, names);
  if (made instanceof HTMLScriptElement) made.nonce = nonce;
  return made;
};
const arm = (element) => {
  for (const { name, value } of [...element.attributes]) {
    if (!/^on[a-z]+$/.test(name)) continue;
    element.removeAttribute(name);
    try { element[name] = new Function('event', value); } catch (error) { console.error(error); }
  }
};
const armAll = (node) => {
  if (node instanceof Element) arm(node);
  if (node.querySelectorAll) for (const each of node.querySelectorAll('*')) arm(each);
};
const fragment = document.createRange().createContextualFragment(html);
for (const script of fragment.querySelectorAll('script')) script.nonce = nonce;
armAll(fragment);
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) for (const node of addedNodes) armAll(node);
}).observe(document, { childList: true, subtree: true });
const box = document.createElement('div');
document.body.append(box);
box.append(fragment);
})();`;
