/** The report of a run as data, from which text, JSON, Markdown and HTML are made. Pure. */
import type { Policy } from '../config/policy.ts';
import type { Line, Verdict } from '../doctor/check.ts';
import { type Facts, isSeen } from '../doctor/facts.ts';
import type { EngineFacts } from '../engine/engine.ts';
import { RESIDUAL } from './catalogue.ts';
import type { AttackVerdict, Row } from './run.ts';

export interface AttackReport {
  /** Counts changes of this shape. */
  readonly version: 1;
  /** Version of Carrel. */
  readonly program: string;
  /** ISO 8601, UTC. */
  readonly begun: string;
  readonly ended: string;
  /** 0 contained, 1 not contained, 2 not all attacks could be run. */
  readonly status: 0 | 1 | 2;
  /** Facts about installation, policy, engine and host, in the order in which they are shown. */
  readonly about: readonly (readonly [what: string, found: string])[];
  readonly policy: string;
  readonly counts: Readonly<Record<AttackVerdict, number>>;
  readonly attacks: readonly Row[];
  readonly residual: typeof RESIDUAL;
  readonly doctor: { readonly counts: Readonly<Record<Verdict, number>>; readonly lines: readonly Line[] };
}

export interface ReportParts {
  readonly program: string;
  readonly begun: number;
  readonly ended: number;
  /** Where people find the installation. */
  readonly address: string;
  readonly policy: Policy;
  readonly engine: EngineFacts;
  readonly facts: Facts;
  readonly doctor: AttackReport['doctor'];
  readonly rows: readonly Row[];
  /** How many attacks were to be run. */
  readonly planned: number;
}

export function attackReport(parts: ReportParts): AttackReport {
  const { program, begun, ended, policy, rows, planned, doctor } = parts;
  const counts = { contained: 0, accepted: 0, open: 0, 'not-run': planned - rows.length };
  for (const { verdict } of rows) counts[verdict] += 1;
  return {
    version: 1,
    program,
    begun: new Date(begun).toISOString(),
    ended: new Date(ended).toISOString(),
    status: counts.open > 0 ? 1 : counts['not-run'] > 0 ? 2 : 0,
    about: about(parts),
    policy: policy.name,
    counts,
    attacks: rows,
    residual: RESIDUAL,
    doctor,
  };
}

const MIB = 2 ** 20;
const GIB = 2 ** 30;

function about({ program, begun, ended, address, policy, engine, facts }: ReportParts): AttackReport['about'] {
  const { memory, cpus, pids, image, runtime, seccomp, name, title } = policy;
  const report = isSeen(facts.engine) ? facts.engine : undefined;
  const system = isSeen(facts.host.system) ? facts.host.system.name : (report?.system ?? 'not known');
  const protections = [
    engine.rootless ? 'rootless' : undefined,
    report?.usernsRemap ? 'user namespaces' : undefined,
    report?.appArmor ? 'AppArmor' : undefined,
    report?.seLinux ? 'SELinux' : undefined,
    `cgroup version ${engine.cgroupVersion}`,
  ].filter((word) => word !== undefined);
  return [
    ['Installation', address],
    ['Carrel', program],
    ['Run', `${time(begun)}, ${Math.round((ended - begun) / 1000)} s`],
    ['Policy', `${name}${title === name ? '' : ` (${title})`}: ${memory / MIB} MiB, ${cpus} CPU, ${pids} processes`],
    ['Sandbox', `runtime ${runtime}, image ${image}, system call filter ${seccomp}`],
    ['Engine', `${engine.name} ${engine.version}${report?.runc === undefined ? '' : `, runc ${report.runc}`}`],
    ['Protection of the host', protections.join(', ')],
    [
      'Host',
      `${system}, Linux ${engine.kernelVersion}, ${engine.cpus} CPU, ${Math.round(engine.memoryBytes / GIB)} GiB`,
    ],
  ];
}

const time = (at: number): string => `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** What somebody reads who reads one line. */
export function verdictOf({ status }: Pick<AttackReport, 'status'>): string {
  if (status === 0) return 'Contained';
  return status === 1 ? 'Not contained' : 'Not shown: not every attack could be run';
}

/** What somebody reads who reads one paragraph. */
export function summaryOf({ counts, attacks, policy }: AttackReport): string {
  const told = [`${counts.contained} of them were contained`];
  if (counts.accepted > 0)
    told.push(`${counts.accepted} got facts or effects that are known and accepted for the reasons given below`);
  told.push(counts.open === 0 ? 'none got further' : `${counts.open} got further and must be looked at`);
  if (counts['not-run'] > 0) told.push(`${counts['not-run']} could not be run`);
  const all = attacks.length + counts['not-run'] - attacks.filter(({ verdict }) => verdict === 'not-run').length;
  return `${all} attacks were to be run as the code of a person in a sandbox of the policy ${policy}, beside a second sandbox that played the victim. ${told.join(', ')}.`;
}

export const VERDICTS: Readonly<Record<AttackVerdict, string>> = {
  contained: 'contained',
  accepted: 'accepted',
  open: 'NOT CONTAINED',
  'not-run': 'not run',
};

export interface ClassCount {
  readonly kind: string;
  readonly threat: string;
  readonly rows: readonly Row[];
  readonly counts: Readonly<Record<AttackVerdict, number>>;
}

export function byClass(rows: readonly Row[]): readonly ClassCount[] {
  const classes = Map.groupBy(rows, ({ kind }) => kind);
  return [...classes].map(([kind, of]) => {
    const counts = { contained: 0, accepted: 0, open: 0, 'not-run': 0 };
    for (const { verdict } of of) counts[verdict] += 1;
    return { kind, threat: of[0]?.threat ?? '', rows: of, counts };
  });
}

/** Evidence comes out of sandboxes: no character of it may steer a terminal or a page. */
export const plain = (text: string): string => text.replace(CONTROL, ' ');

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export const cveAddress = (id: string): string => `https://www.cve.org/CVERecord?id=${id}`;
