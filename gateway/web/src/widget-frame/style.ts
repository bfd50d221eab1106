/** The frame's styles: those of Jupyter's widgets, their icons, and Carrel's colours for both. */
import icons from '@fortawesome/fontawesome-free/css/fontawesome.min.css?inline';
import shims from '@fortawesome/fontawesome-free/css/v4-shims.min.css?inline';
import font from '@fortawesome/fontawesome-free/webfonts/fa-solid-900.woff2?inline';
import base from '@jupyter-widgets/base/css/index.css?inline';
import controls from '@jupyter-widgets/controls/css/widgets.css?inline';
import lumino from '@lumino/widgets/style/index.css?inline';
import outputs from '../styles/outputs.css?inline';
import own from './frame.css?inline';

const FACES = ['Font Awesome 7 Free', 'Font Awesome 5 Free', 'FontAwesome'].map(
  (name) => `@font-face{font-family:"${name}";font-weight:900;src:url(${font}) format("woff2")}`,
);

export function addStyles(): void {
  const style = document.createElement('style');
  style.textContent = [...FACES, icons, shims, lumino, base, controls, outputs, own].join('\n');
  document.head.append(style);
}
