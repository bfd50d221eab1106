/** Source with its colours, without an editor: what cells look like that nobody writes in. */
import type { LanguageSupport } from '@codemirror/language';
import { classHighlighter, highlightCode } from '@lezer/highlight';
import { memo, type ReactNode } from 'react';

/** Longer sources are shown without colours; the editor colours what is in view only. */
const LONGEST = 50_000;

export interface FoundSpan {
  readonly from: number;
  readonly to: number;
  readonly current: boolean;
}

interface Wish {
  readonly source: string;
  readonly language: LanguageSupport | undefined;
  /** In ascending order. */
  readonly found: readonly FoundSpan[];
  readonly numbered: boolean;
}

export const StaticCode = memo(({ source, language, found, numbered }: Wish) => {
  if (language === undefined && found.length === 0 && !numbered) return <pre className="static">{source}</pre>;
  const lines = new Lines(found);
  if (language === undefined || source.length > LONGEST) lines.plain(source);
  else
    highlightCode(
      source,
      language.language.parser.parse(source),
      classHighlighter,
      (text, classes) => lines.put(text, classes),
      () => lines.end(),
    );
  return <pre className={numbered ? 'static numbered' : 'static'}>{lines.elements(numbered)}</pre>;
});

/** Gathers pieces of text line by line, and cuts them where something was found. */
class Lines {
  readonly #found: readonly FoundSpan[];
  readonly #lines: ReactNode[][] = [[]];
  #at = 0;
  #next = 0;
  #key = 0;

  constructor(found: readonly FoundSpan[]) {
    this.#found = found;
  }

  plain(source: string): void {
    source.split('\n').forEach((line, index) => {
      if (index > 0) this.end();
      this.put(line, '');
    });
  }

  end(): void {
    this.#lines.push([]);
    this.#at++;
  }

  put(text: string, classes: string): void {
    const end = this.#at + text.length;
    while (this.#at < end) {
      let span = this.#found[this.#next];
      while (span !== undefined && span.to <= this.#at) span = this.#found[++this.#next];
      const inside = span !== undefined && span.from <= this.#at;
      const until = span === undefined ? end : Math.min(end, inside ? span.to : span.from);
      const marks = !inside ? '' : span?.current === true ? 'found current' : 'found';
      this.#piece(
        text.slice(text.length - (end - this.#at), text.length - (end - until)),
        `${classes} ${marks}`.trim(),
      );
      this.#at = until;
    }
  }

  #piece(text: string, classes: string): void {
    this.#lines.at(-1)?.push(
      classes === '' ? (
        text
      ) : (
        <span key={this.#key++} className={classes}>
          {text}
        </span>
      ),
    );
  }

  /** Numbered lines are elements of their own, so that a wrapped one has one number; the line break belongs to each. */
  elements(numbered: boolean): ReactNode[] {
    const last = this.#lines.length - 1;
    return this.#lines.flatMap((line, index): ReactNode[] => {
      const whole = index < last ? [...line, '\n'] : line;
      return numbered
        ? [
            // biome-ignore lint/suspicious/noArrayIndexKey: a line has no name but its place
            <span key={`line-${index}`} className="line">
              {whole.length === 0 ? '\u200b' : whole}
            </span>,
          ]
        : whole;
    });
  }
}
