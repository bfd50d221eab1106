/** Holds the catalogue of what people are told to the sources that say it. */
import { globSync, readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { toldOf } from './told.ts';
import { TOLD, TOLD_WORDS } from './told-texts.ts';

const SRC = resolve(import.meta.dirname, '..');
const CATALOGUES = [resolve(import.meta.dirname, 'told-texts.ts')];
/** Where what pages may show comes from. */
const SPEAKERS = ['app', 'auth', 'edge', 'kernel', 'operations', 'privacy', 'sandbox', 'worksheet'];
/** Failures of the program or of its set-up: they are for who runs it, in the log or at the start. */
const NOT_FOR_PAGES = ["'internal'", "'invalid_settings'"];
/** What only programs ask for: Jupyter's interface, sockets, the commands. */
const FOR_PROGRAMS = new Set([
  'Can "Upgrade" only to "WebSocket".',
  'Kernel deleted before session: {}',
  'No such kernel: {}',
  'Session not found: session_id={}',
  "a browser's WebSocket must come from Carrel's own page, its Origin is {}; behind a proxy set CARREL_PUBLIC_URL",
  'expected at most {} KERNEL_ variables in env, got {}',
  'expected at most {} bytes of KERNEL_ variables in env, got {}',
  'expected env.{} to be a string without NUL, got {}',
  'expected kernel_id to be five groups of word characters joined by "-"',
  'expected one Host, got {}',
  'expected the path of an address behind the method, beginning with "/"',
  'kernelspec {} has no file {}',
  'the kernel id {} is taken',
  'the page at this address is for browsers; the API begins at api/',
  'the path has no {}',
  'the tokens of the header and of the query belong to different people',
  'there is no WebSocket at this address',
  'there is no user {}; `user list` shows all',
  'user {} is disabled; `user enable {}` comes first',
]);

/** `{}` for whatever differs. */
const shapeOf = (text: string): string => text.replace(/(\{:?\w*\})+/g, '{}');

interface Source {
  readonly texts: ReadonlySet<string>;
  /** Of errors that name their text in place. */
  readonly said: readonly string[];
}

function read(file: string): Source {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const texts = new Set<string>();
  const said: string[] = [];
  const visit = (node: ts.Node): void => {
    const text = literalOf(node);
    if (text !== undefined) texts.add(shapeOf(text));
    if (ts.isNewExpression(node) && node.expression.getText() === 'CarrelError') {
      const [code, message] = node.arguments ?? [];
      const words = message === undefined ? undefined : literalOf(message);
      if (words !== undefined && code !== undefined && !NOT_FOR_PAGES.includes(code.getText()))
        said.push(shapeOf(words));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { texts, said };
}

/** The text of a literal, with `{}` for each of its values. */
function literalOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return `${literalOf(node.left) ?? '{}'}${literalOf(node.right) ?? '{}'}`;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => `{}${literal.text}`).join('');
}

const files = globSync('**/*.ts', { cwd: SRC })
  .map((file) => resolve(SRC, file))
  .filter((file) => !file.endsWith('.test.ts') && !CATALOGUES.includes(file));
const sources = files.map((file) => ({ layer: relative(SRC, file).split('/')[0] ?? '', ...read(file) }));
const texts = { ...TOLD, ...TOLD_WORDS };

it('WL1 each text of the catalogue is said somewhere, in these words', () => {
  const all = new Set(sources.flatMap((source) => [...source.texts]));
  expect(Object.entries(texts).filter(([, text]) => !all.has(shapeOf(text)))).toEqual([]);
});

it('WL1 whatever a page may be refused with has a name', () => {
  const known = new Set(Object.values(TOLD).map(shapeOf));
  const said = sources.filter(({ layer }) => SPEAKERS.includes(layer)).flatMap((source) => source.said);
  expect(said.length).toBeGreaterThan(80);
  expect(said.filter((text) => !known.has(text) && !FOR_PROGRAMS.has(text))).toEqual([]);
});

it('WL3 a message is found again with its values, whichever it is', () => {
  for (const [name, text] of Object.entries(TOLD)) {
    const message = text.replace(/\{(:?)(\w+)\}/g, (_, colon, value) =>
      colon === '' ? `<${value}>` : 'something else',
    );
    expect(toldOf(message)?.name, message).toBe(name);
    for (const value of text.match(/\{\w+\}/g) ?? [])
      expect(toldOf(message)?.values).toHaveProperty(value.slice(1, -1), `<${value.slice(1, -1)}>`);
  }
});
