/** A value with listeners, for what changes outside of React. */
import { useSyncExternalStore } from 'react';

export class Value<T> {
  #value: T;
  readonly #listeners = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  /** These three are bound, because React gets them without their object. */
  readonly get = (): T => this.#value;

  readonly set = (value: T): void => {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const listener of [...this.#listeners]) listener();
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

export const useValue = <T>(value: Value<T>): T => useSyncExternalStore(value.subscribe, value.get);

/** Renders again only where what `pick` takes out has changed; it has to be a primitive or a lasting object. */
export const usePart = <T, P>(value: Value<T>, pick: (whole: T) => P): P =>
  useSyncExternalStore(value.subscribe, () => pick(value.get()));
