/** A YAML file whose values can be found again by line. */
import { readFileSync } from 'node:fs';
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Finding, KeyPath, Problem } from './problems.ts';
import { formatKey } from './problems.ts';

export interface YamlFile {
  /** Undefined where the text is no YAML; `problems` then says why. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** A finding with the file and the line of its key, or of the nearest key around it. */
  problem(finding: Finding): Problem;
  /** The line of the key at this path, from 1; of the nearest key around it where there is none. */
  line(path: KeyPath): number;
}

/** Reads and parses `path`; `shown` is its name in messages. A file that cannot be read is a problem too. */
export function readYaml(path: string, shown: string): YamlFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const found = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : String(error);
    return unreadable([{ file: shown, line: 1, key: '', expected: 'a readable file', found }], shown);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => ({
      file: shown,
      line: lines.linePos(error.pos[0]).line,
      key: '',
      expected: 'valid YAML',
      found: error.message.replaceAll('\n', ' '),
    }));
    return unreadable(problems, shown);
  }
  const line = (path: KeyPath) => lines.linePos(offsetOf(document.contents, path)).line;
  return {
    value: document.toJS(),
    problems: [],
    line,
    problem: (finding) => ({
      file: shown,
      line: line(finding.path),
      key: formatKey(finding.path),
      expected: finding.expected,
      found: finding.found,
    }),
  };
}

function unreadable(problems: Problem[], file: string): YamlFile {
  return {
    value: undefined,
    problems,
    line: () => 1,
    problem: (finding) => ({
      file,
      line: 1,
      key: formatKey(finding.path),
      expected: finding.expected,
      found: finding.found,
    }),
  };
}

/** Offset of the key at `path` in the text; of the deepest one that exists where the path leads on. */
function offsetOf(root: unknown, path: KeyPath): number {
  let node = root;
  let offset = startOf(root) ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => (isScalar(item.key) ? item.key.value : item.key) === part);
      if (pair === undefined) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      offset = startOf(node) ?? offset;
    } else break;
  }
  return offset;
}

const startOf = (node: unknown): number | undefined =>
  typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
    ? Number(node.range[0])
    : undefined;
