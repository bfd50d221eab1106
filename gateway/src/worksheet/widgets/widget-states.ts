/** The models of a kernel's widgets, merged from what kernel and pages say, within bounds. Pure. */
import { keysOf, type WidgetModel, withUpdate } from '../../wire/widget-models.ts';

export interface WidgetBound {
  readonly models: number;
  /** Characters of all states as JSON, binary parts as base64. */
  readonly size: number;
}

/** What was done, or why not. */
export type Merged = 'done' | 'unknown' | 'too many' | 'too large';

export class WidgetStates {
  readonly #bound: WidgetBound;
  readonly #models = new Map<string, WidgetModel>();
  /** Of each key of each model. */
  readonly #sizes = new Map<string, Map<string, number>>();
  #size = 0;

  constructor(bound: WidgetBound) {
    this.#bound = bound;
  }

  get all(): ReadonlyMap<string, WidgetModel> {
    return this.#models;
  }

  get(id: string): WidgetModel | undefined {
    return this.#models.get(id);
  }

  /** One that is new, or known anew from the beginning. */
  put(model: WidgetModel): Merged {
    const sizes = sizesOf(model);
    const before = sum(this.#sizes.get(model.id));
    if (!this.#models.has(model.id) && this.#models.size >= this.#bound.models) return 'too many';
    if (this.#size - before + sum(sizes) > this.#bound.size) return 'too large';
    this.#models.set(model.id, model);
    this.#sizes.set(model.id, sizes);
    this.#size += sum(sizes) - before;
    return 'done';
  }

  update(change: WidgetModel): Merged {
    const model = this.#models.get(change.id);
    const known = this.#sizes.get(change.id);
    if (model === undefined || known === undefined) return 'unknown';
    const sizes = sizesOf(change);
    let grows = 0;
    for (const [key, size] of sizes) grows += size - (known.get(key) ?? 0);
    if (grows > 0 && this.#size + grows > this.#bound.size) return 'too large';
    this.#models.set(change.id, withUpdate(model, change));
    for (const [key, size] of sizes) known.set(key, size);
    this.#size += grows;
    return 'done';
  }

  remove(id: string): boolean {
    this.#size -= sum(this.#sizes.get(id));
    this.#sizes.delete(id);
    return this.#models.delete(id);
  }

  clear(): void {
    this.#models.clear();
    this.#sizes.clear();
    this.#size = 0;
  }
}

function sizesOf({ state, buffers }: WidgetModel): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const key of keysOf({ state, buffers })) sizes.set(key, key.length + (JSON.stringify(state[key])?.length ?? 0));
  for (const { path, data } of buffers) {
    const key = String(path[0]);
    sizes.set(key, (sizes.get(key) ?? 0) + data.length);
  }
  return sizes;
}

const sum = (sizes: ReadonlyMap<string, number> | undefined): number =>
  [...(sizes?.values() ?? [])].reduce((all, size) => all + size, 0);
