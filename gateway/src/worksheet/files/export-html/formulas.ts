/** Formulas as KaTeX's markup, and the part of its style sheet and fonts that those of one file need. */
import katex from 'katex';
import { MATH_OPTIONS } from '../../../wire/shown/math-options.ts';
import { escaped } from './escape.ts';

export interface FormulaFiles {
  /** KaTeX's style sheet. */
  readonly katexStyle: string;
  /** One of its fonts, by the file's name, as base64. */
  readonly katexFont: (file: string) => string;
}

export class Formulas {
  readonly #files: FormulaFiles;
  readonly #classes = new Set<string>();
  #count = 0;

  constructor(files: FormulaFiles) {
    this.#files = files;
  }

  markup(tex: string, displayMode: boolean): string {
    let made: string;
    try {
      made = katex.renderToString(tex, { ...MATH_OPTIONS, displayMode });
    } catch {
      return escaped(tex);
    }
    this.#count += 1;
    for (const [, names = ''] of made.matchAll(/ class="([^"]*)"/g))
      for (const name of names.split(' ')) this.#classes.add(name);
    return made;
  }

  /** Empty where there is no formula. */
  styles(): string {
    return this.#count === 0 ? '' : styleOf(this.#files, this.#classes);
  }
}

interface Face {
  readonly family: string;
  readonly bold: boolean;
  readonly italic: boolean;
}

/** The sheet with those of its fonts that elements of these classes are set in. */
function styleOf({ katexStyle, katexFont }: FormulaFiles, classes: ReadonlySet<string>): string {
  const needed = facesOf(katexStyle, classes);
  return katexStyle.replace(/@font-face\{[^}]*\}/g, (rule) => {
    const { family, bold, italic } = faceOf(rule);
    if (!needed.has(keyOf({ family, bold, italic }))) return '';
    const file = /url\(fonts\/([\w-]+\.woff2)\)/.exec(rule)?.[1];
    if (file === undefined) return '';
    return rule.replace(/src:.*(?=\})/, `src:url(data:font/woff2;base64,${katexFont(file)}) format("woff2")`);
  });
}

const keyOf = ({ family, bold, italic }: Face): string => `${family} ${bold} ${italic}`;

const faceOf = (rule: string): Face => ({
  family: /font(?:-family)?:[^;}]*?(KaTeX_\w+)/.exec(rule)?.[1] ?? '',
  bold: rule.includes('font-weight:700'),
  italic: rule.includes('font-style:italic'),
});

/** `.textbf` and `.textit` change the face of whatever family surrounds them. */
function facesOf(sheet: string, classes: ReadonlySet<string>): Set<string> {
  const faces: Face[] = [{ family: 'KaTeX_Main', bold: false, italic: false }];
  for (const [rule, selectors = ''] of sheet
    .replace(/@font-face\{[^}]*\}/g, '')
    .matchAll(/([^{}]+)\{[^{}]*KaTeX_[^{}]*\}/g))
    for (const selector of selectors.split(','))
      if ([...selector.matchAll(/\.([\w-]+)/g)].every(([, name = '']) => classes.has(name))) faces.push(faceOf(rule));
  const bolder = classes.has('textbf') ? faces.map((face) => ({ ...face, bold: true })) : [];
  const slanted = classes.has('textit') ? [...faces, ...bolder].map((face) => ({ ...face, italic: true })) : [];
  return new Set([...faces, ...bolder, ...slanted].map(keyOf));
}
