/** Source as coloured markup, by the languages that the page knows. */
import { pythonLanguage } from '@codemirror/lang-python';
import { type Language, StreamLanguage, type StreamParser } from '@codemirror/language';
import { cpp } from '@codemirror/legacy-modes/mode/clike';
import { javascript } from '@codemirror/legacy-modes/mode/javascript';
import { julia } from '@codemirror/legacy-modes/mode/julia';
import { octave } from '@codemirror/legacy-modes/mode/octave';
import { r } from '@codemirror/legacy-modes/mode/r';
import { shell } from '@codemirror/legacy-modes/mode/shell';
import { classHighlighter, highlightCode } from '@lezer/highlight';
import { escaped } from './escape.ts';

export interface CodeColours {
  markup(source: string): string;
}

/** Characters; longer sources have no colours. */
const LONGEST = 200_000;

const MODES: Readonly<Record<string, () => StreamParser<unknown>>> = {
  r: () => r as StreamParser<unknown>,
  octave: () => octave as StreamParser<unknown>,
  julia: () => julia as StreamParser<unknown>,
  javascript: () => javascript as StreamParser<unknown>,
  shell: () => shell as StreamParser<unknown>,
  cpp: () => cpp as StreamParser<unknown>,
};
const SAME: Readonly<Record<string, string>> = {
  matlab: 'octave',
  typescript: 'javascript',
  js: 'javascript',
  bash: 'shell',
  sh: 'shell',
  c: 'cpp',
  'c++': 'cpp',
};
const streams = new Map<string, Language>();

function languageNamed(name: string): Language | undefined {
  if (/^(i?python3?|py|sage(math)?|cython)$/.test(name)) return pythonLanguage;
  const key = Object.hasOwn(SAME, name) ? (SAME[name] ?? name) : name;
  const mode = Object.hasOwn(MODES, key) ? MODES[key] : undefined;
  if (mode === undefined) return undefined;
  const found = streams.get(key) ?? StreamLanguage.define(mode());
  streams.set(key, found);
  return found;
}

/** `name` is a notebook's name of its language, or that of a block in Markdown, in lower case. */
export function colouredCode(name: string): CodeColours {
  const language = languageNamed(name);
  if (language === undefined) return { markup: escaped };
  return { markup: (source) => (source.length > LONGEST ? escaped(source) : coloured(source, language)) };
}

function coloured(source: string, language: Language): string {
  const parts: string[] = [];
  const put = (text: string, classes: string) =>
    void parts.push(classes === '' ? escaped(text) : `<span class="${classes}">${escaped(text)}</span>`);
  highlightCode(source, language.parser.parse(source), classHighlighter, put, () => void parts.push('\n'));
  return parts.join('');
}
