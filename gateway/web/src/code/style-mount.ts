/**
 * CodeMirror puts its rules into a `<style>` element where it stands in a document, which `style-src 'self'` forbids, and into an
 * adopted style sheet where it stands in a shadow root, which is allowed. This makes it adopt a sheet in the document too.
 * Imported before the first editor is made.
 */
import { StyleModule } from 'style-mod';

const mount = StyleModule.mount;
const page = {
  ownerDocument: document,
  get adoptedStyleSheets() {
    return document.adoptedStyleSheets;
  },
  set adoptedStyleSheets(sheets) {
    document.adoptedStyleSheets = sheets;
  },
};

StyleModule.mount = (place, modules, options) =>
  mount.call(StyleModule, place === document ? (page as unknown as ShadowRoot) : place, modules, options);
