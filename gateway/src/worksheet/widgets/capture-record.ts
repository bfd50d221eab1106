/**
 * What Output widgets take of the runs of cells, kept in the document beside what else of an execution another process of the gateway
 * has to know. The kernel's half of the widget hears of it only when the cell has ended; until then it would be lost.
 */
import * as Y from 'yjs';
import type { Json } from '../../wire/notebook.ts';
import { isObject, storableObject } from '../../wire/notebook-values.ts';
import { plainOf } from '../document/values.ts';

const ROOT = 'execution';
const KEY = 'captured';
/** Characters of messages; beyond, they are replaced by what came of them. */
const MUCH = 512 * 1024;
/** Ids of messages that are remembered when they are replaced: a line that broke may bring them again. */
const HEARD = 200;

export interface Taken {
  readonly id: string;
  readonly type: string;
  readonly content: Json;
}

export interface Capture {
  readonly widget: string;
  /** Empty where the run's outputs are not taken any more. */
  readonly run: string;
  /** What the widget held before `taken` came. */
  readonly outputs: readonly unknown[];
  readonly taken: readonly Taken[];
  /** Messages that are part of `outputs`. */
  readonly heard: readonly string[];
}

export class CaptureRecord {
  readonly #root: Y.Map<unknown>;
  readonly #sizes = new Map<string, number>();

  constructor(doc: Y.Doc) {
    this.#root = doc.getMap(ROOT);
  }

  /** What an earlier process has left. */
  get left(): Capture[] {
    return this.widgets.map((widget) => {
      const one = plainOf(this.#of(widget));
      const { run, outputs, taken, heard } = isObject(one) ? one : {};
      return {
        widget,
        run: typeof run === 'string' ? run : '',
        outputs: Array.isArray(outputs) ? outputs : [],
        taken: Array.isArray(taken) ? taken.flatMap(readTaken) : [],
        heard: Array.isArray(heard) ? heard.filter((id) => typeof id === 'string') : [],
      };
    });
  }

  get widgets(): string[] {
    const all = this.#root.get(KEY);
    return all instanceof Y.Map ? [...all.keys()] : [];
  }

  /** Called before anything of the run is taken. */
  begin(widget: string, run: string, outputs: readonly unknown[], heard: readonly string[] = []): void {
    const known = this.#root.get(KEY);
    const all: Y.Map<unknown> = known instanceof Y.Map ? known : this.#root.set(KEY, new Y.Map<unknown>());
    const base = storableObject({ outputs })['outputs'];
    all.set(
      widget,
      new Y.Map<unknown>([
        ['run', run],
        ['outputs', base],
        ['heard', heard],
        ['taken', new Y.Array()],
      ]),
    );
    this.#sizes.set(widget, 0);
  }

  /** `outputs`: what the widget holds with this message. */
  add(widget: string, message: Taken, outputs: () => readonly unknown[]): void {
    const one = this.#of(widget);
    const taken = one?.get('taken');
    if (one === undefined || !(taken instanceof Y.Array)) return;
    const content = storableObject(message.content);
    const size = (this.#sizes.get(widget) ?? 0) + JSON.stringify(content).length;
    this.#sizes.set(widget, size);
    taken.push([{ ...message, content }]);
    if (size < MUCH) return;
    const ids = [...taken.toArray().flatMap(readTaken)].map(({ id }) => id);
    this.begin(widget, String(one.get('run')), outputs(), ids.slice(-HEARD));
  }

  /** The widget takes the outputs of this run from now on, or of none. */
  claim(widget: string, run: string): void {
    const one = this.#of(widget);
    if (one !== undefined && one.get('run') !== run) one.set('run', run);
  }

  /** The kernel knows all of it. */
  end(widget: string): void {
    const all = this.#root.get(KEY);
    if (!(all instanceof Y.Map)) return;
    all.delete(widget);
    this.#sizes.delete(widget);
    if (all.size === 0) this.#root.delete(KEY);
  }

  #of(widget: string): Y.Map<unknown> | undefined {
    const all = this.#root.get(KEY);
    const one = all instanceof Y.Map ? all.get(widget) : undefined;
    return one instanceof Y.Map ? one : undefined;
  }
}

function readTaken(value: unknown): Taken[] {
  if (!isObject(value)) return [];
  const { id, type, content } = value;
  return typeof id === 'string' && typeof type === 'string' && isObject(content) ? [{ id, type, content }] : [];
}
