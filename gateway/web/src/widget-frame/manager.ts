/** The widget manager of one frame: its models come from the page and follow what the page tells. */
import * as base from '@jupyter-widgets/base';
import { ManagerBase } from '@jupyter-widgets/base-manager';
import * as controls from '@jupyter-widgets/controls';
import { nameOf, type WidgetEvent, type WidgetModel } from '../../../src/wire/widget-models.ts';
import type { FrameMessage } from '../widgets/frame-protocol.ts';
import { bytesOf, uuid } from './bytes.ts';
import { FrameComm } from './comm.ts';
import { typesetIn } from './math.ts';
import { OutputModel, OutputView } from './output-widget.ts';

const MODULES: Readonly<Record<string, object>> = {
  '@jupyter-widgets/base': base,
  '@jupyter-widgets/controls': controls,
  '@jupyter-widgets/output': { OutputModel, OutputView },
};

export class FrameManager extends ManagerBase {
  /** Where the widgets of Jupyter look for what sets formulas. */
  readonly _rendermime = { latexTypesetter: { typeset: typesetIn } };
  readonly #comms = new Map<string, FrameComm>();
  readonly #post: (message: FrameMessage) => void;
  readonly #live: boolean;

  constructor(live: boolean, post: (message: FrameMessage) => void) {
    super();
    this.#live = live;
    this.#post = post;
  }

  /** Makes the models; each one is registered before any is built, since they name each other. */
  add(models: readonly WidgetModel[]): void {
    for (const model of models) {
      const state = stateOf(model);
      if (this.has_model(model.id)) {
        void this.#renew(model.id, state).catch((error: unknown) => console.error(error));
        continue;
      }
      const comm = new FrameComm(model.id, this.#post);
      this.#comms.set(model.id, comm);
      const options = {
        model_id: model.id,
        model_name: nameOf(model, '_model_name'),
        model_module: nameOf(model, '_model_module'),
        model_module_version: nameOf(model, '_model_module_version'),
        ...(this.#live && { comm }),
      };
      void this.new_model(options, state as never).catch((error: unknown) => console.error(error));
    }
  }

  hear(event: WidgetEvent): void {
    if (event.is === 'open') this.add([event.model]);
    else if (event.is === 'update' || event.is === 'custom') this.#comms.get(event.id)?.hear(event);
    else if (event.is === 'close') {
      this.#comms.get(event.id)?.closed();
      this.#comms.delete(event.id);
    }
  }

  /** The page knows the model anew. */
  async #renew(id: string, state: Record<string, unknown>): Promise<void> {
    const model = await this.get_model(id);
    const type = model.constructor as typeof base.WidgetModel;
    model.set_state(await type._deserialize_state(state as never, this));
  }

  handled(id: string): void {
    for (const comm of this.#comms.values()) if (comm.handled(id)) return;
  }

  protected async loadClass(className: string, moduleName: string): Promise<typeof base.WidgetModel> {
    const module = MODULES[moduleName] as Record<string, typeof base.WidgetModel> | undefined;
    const found = module?.[className];
    if (found === undefined) throw new Error(`${moduleName} has no ${className} here`);
    return found;
  }

  /** A widget that a frame makes by itself lives in the frame alone. */
  protected async _create_comm(_target: string, id?: string): Promise<base.IClassicComm> {
    throw new Error(`the frame opens no comm (${id ?? uuid()})`);
  }

  protected async _get_comm_info(): Promise<object> {
    return {};
  }
}

/** The state with its binary parts at their places. */
function stateOf({ state, buffers }: WidgetModel): Record<string, unknown> {
  const copy = structuredClone(state) as Record<string, unknown>;
  base.put_buffers(
    copy as never,
    buffers.map(({ path }) => [...path]) as never,
    buffers.map(({ data }) => new DataView(bytesOf(data).buffer)),
  );
  return copy;
}
