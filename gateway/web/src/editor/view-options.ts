/** How the page shows code, for this browser; nothing of it is in the worksheet. */
import { Value } from '../shared/value.ts';

const stored = (name: string): Value<boolean> => {
  const key = `carrel-${name}`;
  /** Where a browser keeps nothing, each page begins anew. */
  const read = () => {
    try {
      return localStorage.getItem(key) === '1';
    } catch {
      return false;
    }
  };
  const value = new Value(read());
  value.subscribe(() => {
    try {
      localStorage.setItem(key, value.get() ? '1' : '0');
    } catch {}
  });
  return value;
};

export class ViewOptions {
  readonly lineNumbers = stored('line-numbers');
  readonly wrap = stored('wrap');
  /** Keys of cells that are shown the other way about: with line numbers where others have none. */
  readonly otherLines = new Value<ReadonlySet<string>>(new Set());

  toggleLines(keys: readonly string[]): void {
    const before = this.otherLines.get();
    this.otherLines.set(
      new Set([...before].filter((key) => !keys.includes(key)).concat(keys.filter((key) => !before.has(key)))),
    );
  }

  toggleAllLines(): void {
    this.otherLines.set(new Set());
    this.lineNumbers.set(!this.lineNumbers.get());
  }
}
