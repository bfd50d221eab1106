/** The language of a cell's text, for colours and indentation. Python comes with the page, others when they are needed. */

import { python } from '@codemirror/lang-python';
import { LanguageSupport, StreamLanguage, type StreamParser } from '@codemirror/language';

const pythonSupport = python();
const known = new Map<string, Promise<LanguageSupport | undefined>>();

const stream = async (parser: Promise<StreamParser<unknown>>): Promise<LanguageSupport> =>
  new LanguageSupport(StreamLanguage.define(await parser));

/** `name` is a kernelspec's or a notebook's name of the language, in lower case, or `markdown`. */
function load(name: string): Promise<LanguageSupport | undefined> {
  switch (name) {
    case 'markdown':
      return import('@codemirror/lang-markdown').then(({ markdown }) => markdown());
    case 'r':
      return stream(import('@codemirror/legacy-modes/mode/r').then(({ r }) => r as StreamParser<unknown>));
    case 'octave':
    case 'matlab':
      return stream(
        import('@codemirror/legacy-modes/mode/octave').then(({ octave }) => octave as StreamParser<unknown>),
      );
    case 'julia':
      return stream(import('@codemirror/legacy-modes/mode/julia').then(({ julia }) => julia as StreamParser<unknown>));
    case 'javascript':
    case 'typescript':
      return stream(
        import('@codemirror/legacy-modes/mode/javascript').then(
          ({ javascript }) => javascript as StreamParser<unknown>,
        ),
      );
    case 'bash':
    case 'shell':
      return stream(import('@codemirror/legacy-modes/mode/shell').then(({ shell }) => shell as StreamParser<unknown>));
    case 'c++':
    case 'c':
      return stream(import('@codemirror/legacy-modes/mode/clike').then(({ cpp }) => cpp as StreamParser<unknown>));
    default:
      return Promise.resolve(undefined);
  }
}

/** At once where it is there already. Sage is Python. */
export function languageNow(name: string): LanguageSupport | undefined {
  return /^(i?python3?|sage(math)?|cython)$/.test(name) ? pythonSupport : undefined;
}

export function languageLater(name: string): Promise<LanguageSupport | undefined> {
  const now = languageNow(name);
  if (now !== undefined) return Promise.resolve(now);
  const found = known.get(name) ?? load(name).catch(() => undefined);
  known.set(name, found);
  return found;
}
