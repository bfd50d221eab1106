/** Widgets as what they showed when their state was saved: labels, values, texts, pictures and the outputs that they hold. */
import type { Output } from '../../../wire/notebook.ts';
import { isObject, isTextList } from '../../../wire/notebook-values.ts';
import { nameOf, viewOf, type WidgetModel } from '../../../wire/widget-models.ts';
import { escaped } from './escape.ts';
import type { Page } from './page.ts';
import { sanitised } from './sanitise.ts';

/** Boxes hold boxes. */
const DEEPEST = 20;
/** A state that names the same children over and over would grow without end. */
const MOST = 2000;
const REFERENCE = /^IPY_MODEL_/;

type OutputMarkup = (output: Output, page: Page) => string;

/** Undefined where nothing was saved of it. `show` draws the outputs that widgets hold. */
export function widgetMarkup(id: string, page: Page, show: OutputMarkup): string | undefined {
  let left = MOST;
  const draw = (model: WidgetModel, around: readonly WidgetModel[]): string => {
    left -= 1;
    const { children, outputs } = model.state;
    if (Array.isArray(children)) {
      const inner = children.map((child) => drawChild(child, [...around, model])).join('');
      return `<div class="widget-box${nameOf(model, '_model_name') === 'HBoxModel' ? ' row' : ''}">${inner}</div>`;
    }
    if (Array.isArray(outputs))
      return outputs
        .filter(isPlainOutput)
        .map((output) => show(output, page))
        .join('');
    return leaf(model);
  };
  const drawChild = (child: unknown, around: readonly WidgetModel[]): string => {
    const known = typeof child === 'string' ? page.widgets.get(child.replace(REFERENCE, '')) : undefined;
    /** A state may name itself. */
    const ends = known === undefined || around.includes(known) || around.length > DEEPEST || left <= 0;
    return ends ? '' : draw(known, around);
  };
  const model = page.widgets.get(id);
  return model && draw(model, []);
}

/** As far as outputs are looked at; a widget's state was checked by nobody before. */
function isPlainOutput(value: unknown): value is Output {
  if (!isObject(value)) return false;
  if (value['output_type'] === 'stream') return typeof value['text'] === 'string';
  if (value['output_type'] === 'error') return isTextList(value['traceback']);
  return isObject(value['data']) && viewOf(value['data']) === undefined;
}

function leaf(model: WidgetModel): string {
  const { state } = model;
  const kind = nameOf(model, '_model_name');
  const label = text(state['description']);
  const name = label === '' ? '' : `<span class="widget-label">${escaped(label)}</span> `;
  switch (kind) {
    case 'HTMLModel':
    case 'HTMLMathModel':
      return `<div class="widget-leaf">${name}<span class="html">${sanitised(text(state['value']))}</span></div>`;
    case 'LabelModel':
      return `<div class="widget-leaf">${name}${escaped(text(state['value']))}</div>`;
    case 'ButtonModel':
      return `<div class="widget-leaf">[ ${escaped(label)} ]</div>`;
    case 'ImageModel':
      return picture(model, label);
    case 'PasswordModel':
      return `<div class="widget-leaf">${name}••••••</div>`;
    default:
      return `<div class="widget-leaf">${name}<output>${escaped(standing(model))}</output></div>`;
  }
}

function picture({ state, buffers }: WidgetModel, label: string): string {
  const type = /^(png|jpeg|gif|webp)$/.exec(text(state['format']).replace('jpg', 'jpeg'))?.[1];
  const data = buffers.find(({ path }) => path.length === 1 && path[0] === 'value')?.data;
  if (type === undefined || data === undefined) return '';
  return `<img src="data:image/${type};base64,${data.replace(/[^A-Za-z0-9+/=]/g, '')}" alt="${escaped(label)}">`;
}

/** What a control stands at: a choice by its label, a range by its two ends. */
function standing({ state }: WidgetModel): string {
  const labels = state['_options_labels'];
  if (Array.isArray(labels)) {
    const chosen = Array.isArray(state['index']) ? state['index'] : [state['index']];
    return chosen.flatMap((at) => (typeof at === 'number' ? [text(labels[at])] : [])).join(', ');
  }
  const { value } = state;
  if (value === true) return '☑';
  if (value === false) return '☐';
  return Array.isArray(value) ? value.map(text).join(' – ') : text(value);
}

const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 100_000) : '';
