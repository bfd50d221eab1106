/** Source with its colours, without an editor: what cells look like that nobody writes in. */
import type { LanguageSupport } from '@codemirror/language';
import { classHighlighter, highlightCode } from '@lezer/highlight';
import { memo, type ReactNode } from 'react';

/** Longer sources are shown without colours; the editor colours what is in view only. */
const LONGEST = 50_000;

export const StaticCode = memo(({ source, language }: { source: string; language: LanguageSupport | undefined }) => (
  <pre className="static">{language === undefined ? source : coloured(source, language)}</pre>
));

function coloured(source: string, language: LanguageSupport): ReactNode {
  if (source.length > LONGEST) return source;
  const pieces: ReactNode[] = [];
  const put = (text: string, classes: string) =>
    pieces.push(
      classes === '' ? (
        text
      ) : (
        <span key={pieces.length} className={classes}>
          {text}
        </span>
      ),
    );
  highlightCode(source, language.language.parser.parse(source), classHighlighter, put, () => pieces.push('\n'));
  return pieces;
}
