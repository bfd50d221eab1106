/** Formulas in texts: `$…$`, `$$…$$`, `\(…\)`, `\[…\]` and bare environments, as Jupyter reads them: pure. */

export interface MathPart {
  readonly math: boolean;
  readonly display: boolean;
  readonly text: string;
}

const MATH =
  /\$\$([\s\S]{1,5000}?)\$\$|\\\[([\s\S]{1,5000}?)\\\]|\\\(([\s\S]{1,5000}?)\\\)|(\\begin\{([a-z]+\*?)\}[\s\S]{0,5000}?\\end\{\5\})|\$((?:\\.|[^$\\\n]){1,2000}?)\$(?!\d)/g;

/** The text in parts; concatenated without the marks of formulas it is the same text. */
export function mathParts(text: string): MathPart[] {
  const parts: MathPart[] = [];
  let end = 0;
  for (const found of text.matchAll(MATH)) {
    const [whole, dollars, brackets, parentheses, environment, , dollar] = found;
    /** "costs $5 and $6" has no formula: one begins and ends without a space. */
    if (dollar !== undefined && /^\s|\s$/.test(dollar)) continue;
    if (found.index > end) parts.push({ math: false, display: false, text: text.slice(end, found.index) });
    const display = dollars !== undefined || brackets !== undefined || environment !== undefined;
    parts.push({ math: true, display, text: dollars ?? brackets ?? parentheses ?? environment ?? dollar ?? '' });
    end = found.index + whole.length;
  }
  if (end < text.length) parts.push({ math: false, display: false, text: text.slice(end) });
  return parts;
}
