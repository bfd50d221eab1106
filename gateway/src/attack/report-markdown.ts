/** The report as Markdown. Pure. */
import { type AttackReport, byClass, cveAddress, plain, summaryOf, VERDICTS, verdictOf } from './report.ts';
import type { Row } from './run.ts';

/** Characters of evidence that are shown of one attack. */
const EVIDENCE = 700;

export function markdownReport(report: AttackReport): string {
  return `${[
    `# Isolation of worksheets: ${verdictOf(report)}`,
    escaped(summaryOf(report)),
    table(['', ''], report.about),
    '## Result by class',
    classes(report),
    ...attention(report),
    '## Accepted risks',
    ...accepted(report),
    '## What the doctor says of host and installation',
    ...doctor(report),
    '## All attacks',
    ...byClass(report.attacks).flatMap(({ kind, threat, rows }) => [`### ${threat} ${kind}`, ...rows.map(attack)]),
  ].join('\n\n')}\n`;
}

function classes({ attacks }: AttackReport): string {
  const rows = byClass(attacks).map(({ kind, threat, counts, rows: all }) =>
    [threat, kind, all.length, counts.contained, counts.accepted, counts.open, counts['not-run']].map(String),
  );
  return table(['threat', 'class', 'attacks', 'contained', 'accepted', 'not contained', 'not run'], rows);
}

function attention({ attacks }: AttackReport): string[] {
  const rows = attacks.filter(({ verdict }) => verdict === 'open' || verdict === 'not-run');
  if (rows.length === 0) return [];
  const told = rows.map((row) => `- **${row.name}**: ${escaped(row.holes.join('; ') || row.evidence)}`);
  return ['## To be looked at', told.join('\n')];
}

function accepted({ attacks, residual }: AttackReport): string[] {
  const seen = attacks.flatMap(({ name, accepted: known }) =>
    known === undefined ? [] : [`- **${name}**: ${escaped(known.holes.join('; '))}. Accepted: ${escaped(known.why)}.`],
  );
  const others = residual.map(({ what, why }) => `- ${what}. Accepted: ${why}.`);
  return [
    'Seen in this run:',
    seen.length === 0 ? '- none' : seen.join('\n'),
    'Not to be shown by an attack:',
    others.join('\n'),
  ];
}

function doctor({ doctor: { counts, lines } }: AttackReport): string[] {
  const shown = lines.filter(({ verdict }) => verdict === 'failed' || verdict === 'warning');
  return [
    `${counts.passed} checks passed, ${counts.warning} warn, ${counts.failed} failed, ${counts.unknown} are not known.`,
    table(
      ['verdict', 'check', 'found', 'why it matters'],
      shown.map(({ verdict, id, found, why }) => [verdict, id, found, why]),
    ),
  ];
}

function attack(row: Row): string {
  const references = row.cve.map((id) => `[${id}](${cveAddress(id)})`).join(', ');
  return [
    `**${row.name}**: ${VERDICTS[row.verdict]} (${row.seconds} s)`,
    '',
    `- Tries: ${escaped(row.tries)}`,
    `- Contained if: ${escaped(row.judged)}`,
    ...(references === '' ? [] : [`- As in: ${references}`]),
    `- Seen: ${escaped(row.evidence.slice(0, EVIDENCE))}`,
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

/** Nothing of it is read as Markdown or HTML. */
const escaped = (text: string): string =>
  plain(text)
    .replace(/[\\`*_[\]<>|~#]/g, (character) => `\\${character}`)
    .replaceAll('&', '&amp;');
