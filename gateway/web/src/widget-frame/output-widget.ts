/** The Output widget: shows what the gateway has put into its `outputs`, widgets among it. */
import { DOMWidgetView, type WidgetView } from '@jupyter-widgets/base';
import { OutputModel as BaseModel } from '@jupyter-widgets/output';
import { Widget } from '@lumino/widgets';
import { viewOf } from '../../../src/wire/widget-models.ts';
import { paintOutput } from './paint.ts';
import { texts } from './texts.ts';

type Output = Readonly<Record<string, unknown>>;

export class OutputModel extends BaseModel {
  override defaults() {
    return { ...super.defaults(), msg_id: '', outputs: [] };
  }
}

interface Drawn {
  readonly key: string;
  readonly element: HTMLElement;
}

export class OutputView extends DOMWidgetView {
  #drawn: Drawn[] = [];
  readonly #place = document.createElement('div');

  override render(): void {
    super.render();
    this.el.classList.add('jupyter-widgets', 'jupyter-widgets-output-area');
    this.#place.className = 'outputs';
    this.el.append(this.#place);
    this.listenTo(this.model, 'change:outputs', () => this.#draw());
    this.#draw();
  }

  /** What has not changed stays, so that nothing flickers; a picture in the place of another one takes its element. */
  #draw(): void {
    const outputs = this.model.get('outputs') as readonly Output[];
    const before = this.#drawn;
    this.#drawn = (Array.isArray(outputs) ? outputs : []).map((output, at) => {
      const key = JSON.stringify(output);
      const old = before[at];
      if (old?.key === key) return old;
      const element = this.#element(output);
      if (old !== undefined && old.element instanceof HTMLImageElement && element instanceof HTMLImageElement) {
        for (const name of ['src', 'alt', 'width', 'height']) takeAttribute(old.element, element, name);
        return { key, element: old.element };
      }
      return { key, element };
    });
    const shown = this.#drawn.map(({ element }) => element);
    for (const { element } of before) if (!shown.includes(element)) element.remove();
    for (const [at, element] of shown.entries()) {
      const there = this.#place.children[at];
      if (there !== element) this.#place.insertBefore(element, there ?? null);
    }
  }

  #element(output: Output): HTMLElement {
    const id = viewOf(output['data']);
    if (id === undefined) return paintOutput(output);
    const place = document.createElement('div');
    void this.#showWidget(id, place).catch(() => {
      place.className = 'note';
      place.textContent = texts().missingWidget;
    });
    return place;
  }

  async #showWidget(id: string, place: HTMLElement): Promise<void> {
    const manager = this.model.widget_manager;
    const view = (await manager.create_view(await manager.get_model(id))) as WidgetView & { luminoWidget: Widget };
    await this.displayed;
    Widget.attach(view.luminoWidget, place);
    this.once('remove', () => view.remove());
  }
}

function takeAttribute(to: HTMLElement, from: HTMLElement, name: string): void {
  const value = from.getAttribute(name);
  if (value === null) to.removeAttribute(name);
  else to.setAttribute(name, value);
}
