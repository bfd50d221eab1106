/**
 * Reads a notebook file of nbformat 4.0 to 4.5. Strict in what the format says, with the place in the message; keeps what
 * the format does not speak about. Pure.
 */
import { CarrelError } from '../base/errors.ts';
import { parseNotebookJson } from './notebook-json.ts';
import type { Cell, Json, MimeBundle, Notebook, Output } from './notebook-model.ts';
import {
  FORBIDDEN_KEY,
  isCellId,
  isCount,
  isJsonMime,
  isObject,
  isTextList,
  newCellId,
  TRANSIENT_OF_CELL,
  TRANSIENT_OF_NOTEBOOK,
  without,
} from './notebook-values.ts';

const NEWEST_MINOR = 5;
const CELL_TYPES = ['code', 'markdown', 'raw'];
const OUTPUT_TYPES = ['stream', 'display_data', 'execute_result', 'error'];
const TEXT = 'a string or an array of strings';

/** Throws `bad_request` that names the place where `text` is no notebook. The caller bounds its length. */
export function parseNotebook(text: string): Notebook {
  return new Reader().notebook(parseNotebookJson(text));
}

class Reader {
  readonly #path: (string | number)[] = [];
  readonly #ids = new Set<string>();
  #minor = NEWEST_MINOR;

  notebook(value: unknown): Notebook {
    const { nbformat, nbformat_minor, metadata, cells, ...more } = this.#object(value);
    this.#at('nbformat', () => this.#major(nbformat));
    this.#minor = this.#at('nbformat_minor', () => this.#minorOf(nbformat_minor));
    return {
      ...this.#kept(more),
      nbformat: 4,
      nbformat_minor: NEWEST_MINOR,
      metadata: this.#at('metadata', () => without(this.#json(metadata), TRANSIENT_OF_NOTEBOOK)),
      cells: this.#at('cells', () => this.#list(cells, (cell) => this.#cell(cell))),
    };
  }

  #major(value: unknown): void {
    if (value === 4) return;
    if (value === 1 || value === 2 || value === 3)
      throw this.#refusal(`4 (Jupyter converts older notebooks: jupyter nbconvert --to notebook)`, value);
    throw this.#refusal('4', value);
  }

  #minorOf(value: unknown): number {
    if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= NEWEST_MINOR) return value as number;
    throw this.#refusal(`a number from 0 to ${NEWEST_MINOR}`, value);
  }

  #cell(value: unknown): Cell {
    const { id, cell_type, metadata, source, ...more } = this.#object(value);
    const type = this.#at('cell_type', () => this.#oneOf(cell_type, CELL_TYPES));
    const common = {
      id: this.#at('id', () => this.#id(id)),
      metadata: this.#at('metadata', () => without(this.#json(metadata), TRANSIENT_OF_CELL)),
      source: this.#at('source', () => this.#text(source)),
    };
    if (type === 'code') {
      const { outputs, execution_count, ...unknown } = more;
      return {
        ...this.#kept(unknown),
        ...common,
        cell_type: 'code',
        outputs: this.#at('outputs', () => this.#list(outputs, (output) => this.#output(output))),
        execution_count: this.#at('execution_count', () => this.#count(execution_count)),
      };
    }
    const { attachments, ...unknown } = more;
    const kept = { ...this.#kept(unknown), ...common, cell_type: type as 'markdown' | 'raw' };
    if (attachments === undefined) return kept;
    return { ...kept, attachments: this.#at('attachments', () => this.#attachments(attachments)) };
  }

  /** Before 4.5 cells have no ids; where one stands all the same it is kept if it can be. */
  #id(value: unknown): string {
    const fits = isCellId(value);
    if (!fits && value !== undefined && this.#minor >= 5)
      throw this.#refusal('1 to 64 of letters, digits, "-" and "_"', value);
    if (!fits || this.#ids.has(value)) return newCellId(this.#ids);
    this.#ids.add(value);
    return value;
  }

  #attachments(value: unknown): Record<string, MimeBundle> {
    return this.#members(this.#object(value), (bundle) => this.#bundle(bundle));
  }

  #output(value: unknown): Output {
    const { output_type, ...more } = this.#object(value);
    const type = this.#at('output_type', () => this.#oneOf(output_type, OUTPUT_TYPES));
    if (type === 'stream') {
      const { name, text, ...unknown } = more;
      return {
        ...this.#kept(unknown),
        output_type: 'stream',
        name: this.#at('name', () => this.#string(name)),
        text: this.#at('text', () => this.#text(text)),
      };
    }
    if (type === 'error') {
      const { ename, evalue, traceback, ...unknown } = more;
      return {
        ...this.#kept(unknown),
        output_type: 'error',
        ename: this.#at('ename', () => this.#string(ename)),
        evalue: this.#at('evalue', () => this.#string(evalue)),
        traceback: this.#at('traceback', () => this.#list(traceback, (line) => this.#string(line))),
      };
    }
    const { data, metadata, ...unknown } = more;
    const shown = {
      data: this.#at('data', () => this.#bundle(data)),
      metadata: this.#at('metadata', () => this.#json(metadata)),
    };
    if (type === 'display_data') return { ...this.#kept(unknown), output_type: 'display_data', ...shown };
    const { execution_count, ...rest } = unknown;
    const count = this.#at('execution_count', () => this.#count(execution_count));
    return { ...this.#kept(rest), output_type: 'execute_result', ...shown, execution_count: count };
  }

  #bundle(value: unknown): MimeBundle {
    return this.#members(this.#object(value), (item, mime) => (isJsonMime(mime) ? this.#kept(item) : this.#text(item)));
  }

  /** Text may stand as its lines. */
  #text(value: unknown): string {
    if (typeof value === 'string') return value.toWellFormed();
    if (isTextList(value)) return value.join('').toWellFormed();
    if (!Array.isArray(value)) throw this.#refusal(TEXT, value);
    return this.#list(value, (line) => this.#string(line)).join('');
  }

  #string(value: unknown): string {
    if (typeof value !== 'string') throw this.#refusal('a string', value);
    return value.toWellFormed();
  }

  #count(value: unknown): number | null {
    if (!isCount(value)) throw this.#refusal('null or a whole number from 0', value);
    return value;
  }

  #oneOf(value: unknown, names: readonly string[]): string {
    if (typeof value === 'string' && names.includes(value)) return value;
    throw this.#refusal(names.map((name) => `"${name}"`).join(', '), value);
  }

  #list<T>(value: unknown, read: (item: unknown) => T): T[] {
    if (!Array.isArray(value)) throw this.#refusal('an array', value);
    return value.map((item, index) => this.#at(index, () => read(item)));
  }

  #object(value: unknown): Json {
    if (!isObject(value)) throw this.#refusal('an object', value);
    return value;
  }

  #json(value: unknown): Json {
    return this.#kept(this.#object(value));
  }

  /** What the format says nothing about. */
  #kept<T>(value: T): T;
  #kept(value: unknown): unknown {
    if (typeof value === 'string') return value.toWellFormed();
    if (Array.isArray(value)) return value.map((item, index) => this.#at(index, () => this.#kept(item)));
    return isObject(value) ? this.#members(value, (item) => this.#kept(item)) : value;
  }

  #members<T>(object: Json, read: (value: unknown, key: string) => T): Record<string, T> {
    return Object.fromEntries(
      Object.entries(object).map(([key, value]) => {
        if (key === FORBIDDEN_KEY) throw this.#refusal(`no key ${FORBIDDEN_KEY}`, FORBIDDEN_KEY);
        return [key.toWellFormed(), this.#at(key, () => read(value, key))];
      }),
    );
  }

  /** A refusal ends the reading, so the path need not be put right behind it. */
  #at<T>(key: string | number, read: () => T): T {
    this.#path.push(key);
    const result = read();
    this.#path.pop();
    return result;
  }

  #refusal(expected: string, found: unknown): CarrelError {
    const place = this.#path.map(step).join('').replace(/^\./, '') || 'the notebook';
    return new CarrelError('bad_request', `${place}: expected ${expected}, found ${described(found)}`);
  }
}

function step(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`;
  return /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(shortened(key))}]`;
}

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

function described(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'an array';
  if (isObject(value)) return 'an object';
  return typeof value === 'string' ? JSON.stringify(shortened(value)) : String(value);
}
