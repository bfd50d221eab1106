/** What README, SECURITY and docs/ name has to be there: links, files, commands, scripts, settings and services. */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parse } from 'yaml';
import { SETTING_NAMES } from '../../gateway/src/config/settings.ts';
import { type CommandTree, strangeCommands } from './command-lines.ts';
import { anchorsOf, codeOf, linksOf } from './markdown.ts';

const DOCUMENTS = ['*.md', 'docs/**/*.md', 'bench/*.md', 'ops/**/*.md'];
const FOLDERS = 'docs|gateway|kernel-image|ops|policies|setup|test|bench|bin';
const PATH = new RegExp(`(?<![\\w/.:@-])(?:\\./)?((?:${FOLDERS})/[\\w.*{},/-]*)`, 'g');
/** A word in capitals stands for a name that the reader chooses. */
const PLACEHOLDER = /(?:^|\/)[A-Z]{3,}(?:[./]|$)/;
const SCRIPT = /\bnpm run ([\w:-]+)/g;
const SETTING = /\b((?:CARREL|STACK)_[A-Z_]*[A-Z])\b(?!…|_)/g;
const SERVICE = /\bdocker compose (?:exec|logs|restart|start|stop|run)((?: +-\S+(?:=\S+)?)*) +([a-z]+)\b/g;

export interface Surroundings {
  readonly folder: string;
  readonly program: CommandTree;
}

interface Known {
  readonly folder: string;
  readonly program: CommandTree;
  readonly layers: ReadonlySet<string>;
  readonly scripts: ReadonlySet<string>;
  readonly settings: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
}

/** The documents, and a line for each thing in them that is not there, with its file and line. */
export function strayNames({ folder, program }: Surroundings): { documents: string[]; problems: string[] } {
  const documents = globSync(DOCUMENTS, { cwd: folder }).sort();
  const known = knownNames(folder, program);
  return { documents, problems: documents.flatMap((document) => problemsOf(document, known)) };
}

function problemsOf(document: string, known: Known): string[] {
  const text = readFileSync(join(known.folder, document), 'utf8');
  const links = linksOf(text).flatMap(({ to, line }) => told(line, brokenLink(document, to, known.folder)));
  const code = codeOf(text).flatMap(({ text: piece, line }) => [
    ...strayPaths(piece, known).flatMap((path) => told(line, `there is no ${path}`)),
    ...strangeCommands(piece, known.program).flatMap((problem) => told(line, problem)),
    ...missing(piece, SCRIPT, known.scripts).flatMap((name) => told(line, `package.json has no script ${name}`)),
    ...missing(piece, SERVICE, known.services, 2).flatMap((name) => told(line, `compose.yaml has no service ${name}`)),
  ]);
  const settings = text
    .split('\n')
    .flatMap((each, index) =>
      missing(each, SETTING, known.settings).flatMap((name) => told(index + 1, `there is no setting ${name}`)),
    );
  return [...links, ...code, ...settings].map(({ line, problem }) => `${document}:${line}: ${problem}`);
}

const told = (line: number, problem: string | undefined) => (problem === undefined ? [] : [{ line, problem }]);

function brokenLink(document: string, to: string, folder: string): string | undefined {
  if (/^[a-z]+:/.test(to)) return undefined;
  const [path = '', anchor] = to.split('#');
  const target = path === '' ? document : relative('.', join(dirname(document), path));
  const place = join(folder, target);
  if (!existsSync(place)) return `the link ${to} leads nowhere`;
  if (anchor === undefined || anchorsOf(readFileSync(place, 'utf8')).includes(anchor)) return undefined;
  return `${target} has no heading for #${anchor}`;
}

function strayPaths(code: string, { folder, layers }: Known): string[] {
  const whole = [...code.matchAll(PATH)].map(([, path = '']) => path.replace(/[.,]+$/, ''));
  const own = /^([a-z]+)\/[\w.*{},/-]*\w$/.exec(code);
  const within = own !== null && layers.has(own[1] ?? '') ? [`gateway/src/${code}`] : [];
  return [...whole, ...within].filter(
    (path) =>
      !PLACEHOLDER.test(path) && !(existsSync(join(folder, path)) || globSync(path, { cwd: folder }).length > 0),
  );
}

const missing = (text: string, pattern: RegExp, known: ReadonlySet<string>, group = 1): string[] =>
  [...text.matchAll(pattern)].flatMap((match) => {
    const name = match[group] ?? '';
    return known.has(name) || known.has(name.replace(/_FILE$/, '')) ? [] : [name];
  });

function knownNames(folder: string, program: CommandTree): Known {
  const read = (path: string) => readFileSync(join(folder, path), 'utf8');
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const { services } = parse(read('compose.yaml'), { merge: true }) as { services: Record<string, unknown> };
  const stack = ['.env.example', 'compose.yaml', ...globSync('ops/compose/*.yaml', { cwd: folder })]
    .flatMap((path) => [...read(path).matchAll(/\b(?:STACK|CARREL)_[A-Z_]*[A-Z]\b/g)])
    .map(([name]) => name);
  return {
    folder,
    program,
    layers: new Set(readdirSync(join(folder, 'gateway/src'))),
    scripts: new Set(Object.keys(scripts)),
    settings: new Set([...SETTING_NAMES, ...stack]),
    services: new Set(Object.keys(services)),
  };
}
