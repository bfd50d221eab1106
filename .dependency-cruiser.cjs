/**
 * Who may import whom. The table is the one of docs/ARCHITECTURE.md; each row becomes a rule. Tests stand beside their sources
 * and may import what they need.
 */
const LAYERS = {
  base: [],
  wire: ['base'],
  config: ['base'],
  engine: ['base', 'config'],
  warden: ['base', 'wire', 'config', 'engine'],
  release: ['base', 'config', 'engine'],
  store: ['base', 'config'],
  auth: ['base', 'config', 'store'],
  sandbox: ['base', 'wire', 'config', 'store'],
  kernel: ['base', 'wire', 'config', 'sandbox'],
  worksheet: ['base', 'wire', 'auth', 'store', 'kernel'],
  operations: ['base', 'wire', 'config', 'store', 'sandbox', 'kernel'],
  telemetry: ['base', 'wire', 'store'],
  privacy: ['base', 'wire', 'store', 'release', 'telemetry', 'worksheet'],
  edge: ['base', 'wire', 'auth', 'sandbox', 'kernel', 'worksheet', 'operations', 'telemetry', 'privacy'],
  doctor: ['base', 'wire', 'config', 'engine', 'store'],
  backup: ['base', 'store', 'release'],
  attack: ['base', 'wire', 'config', 'engine', 'warden', 'sandbox', 'kernel', 'doctor'],
};
/** These construct and start everything; nothing below imports them. */
const TOP = ['app', 'cli'];

const test = '[.]test[.]ts$';
const known = [...Object.keys(LAYERS), ...TOP].join('|');
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

const layers = Object.entries(LAYERS).map(([layer, may]) =>
  forbid(
    `layer-${layer}`,
    `${layer} imports only: ${['itself', ...may].join(', ')}`,
    { path: `^gateway/src/${layer}/`, pathNot: test },
    { path: '^gateway/', pathNot: `^gateway/src/(${[layer, ...may].join('|')})/` },
  ),
);

module.exports = {
  forbidden: [
    ...layers,
    forbid(
      'layer-unknown',
      'a folder of gateway/src that is not in the table of layers',
      { path: '^gateway/src/', pathNot: `^gateway/src/(${known})/` },
      {},
    ),
    forbid(
      'layer-web',
      'the pages import of the gateway only: base, wire',
      { path: '^gateway/web/', pathNot: test },
      { path: '^gateway/', pathNot: '^gateway/(web|src/(base|wire))/' },
    ),
    forbid(
      'layer-app',
      'app does not import cli',
      { path: '^gateway/src/app/', pathNot: test },
      { path: '^gateway/src/cli/' },
    ),
    forbid(
      'layer-setup',
      'setup uses base, config and engine of the program; its checks ask for the tree of commands',
      { path: '^setup/', pathNot: test },
      { path: '^gateway/', pathNot: '^gateway/src/((base|config|engine)/|cli/program[.]ts$)' },
    ),
    forbid(
      'program-without-setup-and-tests',
      'the program imports neither setup, tests nor benchmarks',
      { path: '^gateway/', pathNot: test },
      { path: `^(setup|test|bench)/|${test}` },
    ),
    forbid('no-cycles', 'cycles, of types too', {}, { circular: true }),
    forbid('resolvable', 'an import that leads nowhere', {}, { couldNotResolve: true }),
    forbid(
      'declared-packages',
      'a package that package.json does not name for this use',
      { path: '^gateway/', pathNot: `${test}|^gateway/web/vite[.]config[.]ts$` },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'dockerode-only-in-engine',
      'the rest knows Engine, not Docker',
      { pathNot: '^(gateway/src/engine/docker|test|bench)/' },
      { path: 'node_modules/(@types/)?dockerode/' },
    ),
    forbid(
      'express-and-ws-only-at-the-edge',
      'one place where requests and upgrades come in, for the gateway and for the warden',
      { pathNot: '^(gateway/src/(edge|warden/http)|test|bench)/' },
      { path: 'node_modules/(@types/)?(express|ws)/' },
    ),
    forbid(
      'shared-documents-only-in-worksheet',
      'the rest knows rooms and notebooks, not Yjs',
      { path: '^gateway/src/', pathNot: `^gateway/src/(worksheet|edge)/|${test}` },
      { path: 'node_modules/(yjs|y-protocols|lib0)/' },
    ),
    forbid(
      'hocuspocus-only-in-worksheet',
      'rooms decide who opens a document and when it is given up',
      { path: '^gateway/src/', pathNot: `^gateway/src/worksheet/rooms/|${test}` },
      { path: 'node_modules/@hocuspocus/' },
    ),
    forbid(
      'prometheus-only-in-telemetry',
      'the rest knows a Meter; what is not switched on is not loaded',
      { path: '^gateway/src/', pathNot: `^gateway/src/telemetry/|${test}` },
      { path: 'node_modules/prom-client/' },
    ),
    forbid(
      'redis-only-in-store',
      'one connection, which is made in one place; others know its type',
      { path: '^gateway/src/', pathNot: `^gateway/src/store/live/|${test}` },
      { path: 'node_modules/ioredis/', dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'postgres-only-in-store',
      'the rest knows repositories, not databases',
      { path: '^gateway/src/', pathNot: `^gateway/src/store/|${test}` },
      { path: 'node_modules/(@types/)?(pg|kysely)/' },
    ),
    forbid(
      'pure-files-do-no-io',
      'base, wire and the files of pure logic reach nothing outside the process',
      {
        path: '^gateway/src/((base|wire)/|.*(-state|-plan|/permissions|/output-limits|/doctor/(checks/.*|[a-z-]+)|/worksheet/(document/.*|files/.*|run/state(-steps)?|rooms/(frame|command)|library/title))[.]ts$)',
        pathNot: test,
      },
      {
        path: '^(node:)?(fs|net|tls|dgram|dns|http|http2|https|child_process|cluster|worker_threads|readline|sqlite|os|tty)(/|$)|node_modules/(@types/)?(dockerode|express|ws|kysely|pino)/',
      },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^gateway/web/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
