import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { strangeCommands } from './command-lines.ts';
import { strayNames } from './documents.ts';
import { strayFigures } from './figures.ts';
import { anchorsOf, codeOf, linksOf } from './markdown.ts';
import { namedTests } from './named-tests.ts';

const program = new Command('carrel');
const user = program.command('user');
user.command('invite').argument('<name>').option('--role <role>', 'role');
program
  .command('doctor')
  .option('--json', 'json')
  .option('--attack [policy]', 'attack')
  .option('--only <names...>', 'names')
  .argument('[policy]');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'carrel-documents-'));
  put('package.json', '{"scripts":{"check":"true"}}');
  put('compose.yaml', 'services: { gateway: {} }\n');
  put('.env.example', 'STACK_TLS=auto\n');
  put('gateway/src/store/store.ts', '');
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
const problems = (text: string) => {
  put('README.md', text);
  return strayNames({ folder, program }).problems;
};

it.each([
  ['carrel user invite ada --role admin', []],
  ['npm run carrel -- user invite NAME   # somebody', []],
  ['docker compose exec gateway carrel doctor [policy] --only a b c > report', []],
  ['carrel doctor --json | jq .', []],
  ['carrel doctor --attack standard --json', []],
  ['/usr/bin/carrels are desks', []],
  ['carrel user remove ada', ['`carrel user` takes no "remove"']],
  ['carrel user invite ada bob', ['`carrel user invite` takes no "bob"']],
  ['carrel doctor --jsn', ['`carrel doctor` has no option --jsn']],
  ['carrel user invite --json ada', ['`carrel user invite` has no option --json']],
])('a command line is held against the tree of commands: %s', (line, expected) => {
  expect(strangeCommands(line, program)).toEqual(expected);
});

it('links lead to files and headings, or the line is told', () => {
  put('docs/a.md', '# One\n\n## The `second` one\n\n## One\n');
  expect(problems('[a](docs/a.md) [b](docs/a.md#the-second-one) [c](docs/a.md#one-1) [d](https://x.org/none)')).toEqual(
    [],
  );
  expect(problems('one\n[a](docs/b.md)\n[b](docs/a.md#third)\n')).toEqual([
    'README.md:2: the link docs/b.md leads nowhere',
    'README.md:3: docs/a.md has no heading for #third',
  ]);
});

it('files in code exist, as patterns too; a name in capitals is the reader’s own', () => {
  put('docs/a.md', '');
  expect(problems('`docs/a.md`, `docs/*.md`, `policies/NAME.yaml`, `store/store.ts`, `other/thing.ts`')).toEqual([]);
  expect(problems('`docs/b.md`\n\n    cat ops/none.sh, now\n\n`store/gone.ts`')).toEqual([
    'README.md:1: there is no docs/b.md',
    'README.md:5: there is no gateway/src/store/gone.ts',
    'README.md:3: there is no ops/none.sh',
  ]);
});

it('scripts, services and settings exist', () => {
  expect(
    problems('`npm run check`, `docker compose logs --follow gateway`, CARREL_PORT, CARREL_DATABASE_FILE, STACK_TLS'),
  ).toEqual([]);
  expect(problems('`npm run chek`, `docker compose exec -T gatway true`, CARREL_PROT and STACK_LTS')).toEqual([
    'README.md:1: package.json has no script chek',
    'README.md:1: compose.yaml has no service gatway',
    'README.md:1: there is no setting CARREL_PROT',
    'README.md:1: there is no setting STACK_LTS',
  ]);
});

it('what stands in code is no link, and fences are code', () => {
  const text = '`[a](b)`\n```sh\ncarrel x\n# not a heading\n```\n# Heading: of – all!\n';
  expect(linksOf(text)).toEqual([]);
  expect(codeOf(text)).toContainEqual({ text: 'carrel x', line: 3 });
  expect(anchorsOf(text)).toEqual(['heading-of--all']);
});

it('a test or an attack that a document names has to be there', () => {
  put('test/a.test.ts', "it('holds what it says', () => {});\n");
  put('gateway/src/attack/programs/fork_bomb.py', '');
  put(
    'threats.md',
    'attacks `fork_bomb`, `spork`; `test/a.test.ts` “holds what it says”, “holds more”; `test/b.test.ts` “is there”\n',
  );
  expect(namedTests('threats.md', folder)).toEqual({
    count: 5,
    problems: [
      'threats.md: test/a.test.ts has no test “holds more”',
      'threats.md: test/b.test.ts has no test “is there”',
      'threats.md: the catalogue has no attack spork',
    ],
  });
});

it('a figure is the one of the results', () => {
  put('docs/f.json', '{"rows":[{"figures":[{"name":"open","measured":{"p50":18.097,"p95":38.883}}]}]}');
  put('sizing.md', '| a | 18.1 ms, p95 38.8 ms | `docs/f.json` “open” |\n| b | 1 | `docs/f.json` “close” |\n');
  expect(strayFigures('sizing.md', folder)).toEqual({
    count: 2,
    problems: [
      'sizing.md: open of docs/f.json is 38.883 (p95), not 38.8',
      'sizing.md: docs/f.json has no figure close',
    ],
  });
});
