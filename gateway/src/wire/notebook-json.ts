/** A notebook file's JSON: its depth is bounded before anything is built, and what is no JSON is told with line and column. Pure. */
import { CarrelError } from '../base/errors.ts';
import { JsonError, scanObject } from './json-scan.ts';

/** Throws `bad_request`. */
export function parseNotebookJson(text: string): unknown {
  const json = text.startsWith('\uFEFF') ? text.slice(1) : text;
  const bytes = Buffer.from(json, 'utf8');
  try {
    scanObject(bytes);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const [, expected = error.message, at = '0'] = /^(.*) at byte (\d+)$/s.exec(error.message) ?? [];
    throw noJson(bytes.toString('utf8', 0, Number(at)), expected);
  }
  try {
    return JSON.parse(json);
  } catch {
    /** The scan accepts what Python's json module accepts; the only difference are three words. */
    throw noJson(json.slice(0, wordThatIsNoJson(json)), 'no NaN and no Infinity');
  }
}

function noJson(before: string, expected: string): CarrelError {
  const lines = before.split('\n');
  const place = `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`;
  return new CarrelError('bad_request', `the file is no JSON: ${expected} (${place})`);
}

/** Where the first of NaN, Infinity and -Infinity stands that is not within a string. */
function wordThatIsNoJson(json: string): number {
  let inString = false;
  for (let at = 0; at < json.length; at += 1) {
    const char = json[at];
    if (char === '\\') at += 1;
    else if (char === '"') inString = !inString;
    else if (!inString && (char === 'N' || char === 'I')) return at;
  }
  return 0;
}
