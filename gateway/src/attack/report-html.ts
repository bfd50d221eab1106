/** The report as one HTML file without script and without anything from elsewhere; it prints well. Pure. */
import type { Line } from '../doctor/check.ts';
import { type AttackReport, byClass, cveAddress, plain, summaryOf, VERDICTS, verdictOf } from './report.ts';
import type { Row } from './run.ts';

/** Characters of evidence that are shown of one attack. */
const EVIDENCE = 1500;

const STYLE = `
:root { color-scheme: light dark; --line: #8886; --soft: #8882; --good: #1a7f37; --known: #8a5a00; --bad: #c4212c; }
@media (prefers-color-scheme: dark) { :root { --good: #56d364; --known: #e3b341; --bad: #ff7b72; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1.25rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; }
h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
.verdict { border-left: .4rem solid; padding: .2rem 1rem; margin: 1rem 0; }
.verdict strong { font-size: 1.4rem; display: block; }
.contained, .passed { color: var(--good); } .accepted, .warning { color: var(--known); } .open, .failed, .not-run { color: var(--bad); }
.verdict p { color: CanvasText; margin: .2rem 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
td.number, th.number { text-align: right; }
.risks { table-layout: fixed; } .risks th:first-child { width: 12rem; } td { overflow-wrap: anywhere; }
.about th { font-weight: 600; width: 13rem; }
details { border-bottom: 1px solid var(--line); padding: .3rem 0; }
summary { cursor: pointer; display: flex; gap: 1rem; flex-wrap: wrap; }
summary code { min-width: 12rem; } summary .what { flex: 1 1 18rem; } summary b { min-width: 7.5rem; }
dl { display: grid; grid-template-columns: 7rem 1fr; gap: .2rem .8rem; margin: .5rem 0 .8rem; }
dt { font-weight: 600; } dd { margin: 0; } dd.seen { font: 13px/1.45 ui-monospace, monospace; background: var(--soft); padding: .3rem .5rem; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } details { break-inside: avoid; } details::details-content { content-visibility: visible; height: auto; } }
`;

export function htmlReport(report: AttackReport): string {
  const title = `Isolation of worksheets, policy ${report.policy}`;
  const state = report.status === 0 ? 'contained' : 'open';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<div class="verdict ${state}"><strong>${escaped(verdictOf(report))}</strong><p>${escaped(summaryOf(report))}</p></div>
<table class="about">${report.about.map(([what, found]) => `<tr><th scope="row">${escaped(what)}</th><td>${escaped(found)}</td></tr>`).join('')}</table>
${attention(report)}
<h2>Result by class</h2>
${classes(report)}
<h2>Accepted risks</h2>
${accepted(report)}
<h2>What the doctor says of host and installation</h2>
${doctor(report)}
<h2>All attacks</h2>
<p>Each was run as the code of a cell. What it says of itself is believed only where it admits to have got through; the rest was looked at from outside.</p>
${byClass(report.attacks)
  .map(({ kind, threat, rows }) => `<h3>${escaped(`${threat} ${kind}`)}</h3>\n${rows.map(attack).join('\n')}`)
  .join('\n')}
</body>
</html>
`;
}

function classes({ attacks }: AttackReport): string {
  const head = ['attacks', 'contained', 'accepted', 'not contained', 'not run'];
  const rows = byClass(attacks).map(({ kind, threat, counts, rows: all }) => {
    const numbers = [all.length, counts.contained, counts.accepted, counts.open, counts['not-run']];
    return `<tr><td>${escaped(threat)}</td><td>${escaped(kind)}</td>${numbers.map((number) => `<td class="number">${number}</td>`).join('')}</tr>`;
  });
  const titles = head.map((word) => `<th class="number" scope="col">${word}</th>`).join('');
  return `<table><thead><tr><th scope="col">threat</th><th scope="col">class</th>${titles}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function attention({ attacks }: AttackReport): string {
  const rows = attacks.filter(({ verdict }) => verdict === 'open' || verdict === 'not-run');
  if (rows.length === 0) return '';
  const told = rows.map(
    ({ name, verdict, holes, evidence }) =>
      `<li><code>${escaped(name)}</code> <b class="${verdict}">${VERDICTS[verdict]}</b>: ${escaped(holes.join('; ') || evidence)}</li>`,
  );
  return `<h2>To be looked at</h2>\n<ul>${told.join('')}</ul>`;
}

function accepted({ attacks, residual }: AttackReport): string {
  const seen = attacks.flatMap(({ name, accepted: known }) =>
    known === undefined
      ? []
      : [
          `<tr><td><code>${escaped(name)}</code></td><td>${escaped(known.holes.join('; '))}</td><td>${escaped(known.why)}</td></tr>`,
        ],
  );
  const others = residual.map(
    ({ what, why }) => `<tr><td>not an attack</td><td>${escaped(what)}</td><td>${escaped(why)}</td></tr>`,
  );
  return `<table class="risks"><thead><tr><th scope="col">seen by</th><th scope="col">what remains</th><th scope="col">why it is accepted</th></tr></thead><tbody>${[...seen, ...others].join('')}</tbody></table>`;
}

function doctor({ doctor: { counts, lines } }: AttackReport): string {
  const table = (verdicts: readonly Line['verdict'][]) => {
    const rows = verdicts.flatMap((verdict) => lines.filter((line) => line.verdict === verdict)).map(doctorLine);
    return `<table><thead><tr><th scope="col">verdict</th><th scope="col">check</th><th scope="col">found</th><th scope="col">why it matters, what mends it</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  };
  const bad = counts.failed + counts.warning === 0 ? '' : table(['failed', 'warning']);
  return `<p>${counts.failed} failed, ${counts.warning} warnings, ${counts.unknown} not known, ${counts.passed} passed</p>
${bad}
<details><summary>What is not known, and what passed</summary>${table(['unknown', 'passed'])}</details>`;
}

function doctorLine({ verdict, id, found, why, mend }: Line): string {
  const remedy = mend === undefined ? '' : ` <code>${escaped(mend)}</code>`;
  return `<tr><td class="${verdict}">${verdict === 'unknown' ? 'not known' : verdict}</td><td><code>${escaped(id)}</code></td><td>${escaped(found)}</td><td>${escaped(why)}${remedy}</td></tr>`;
}

function attack(row: Row): string {
  const links = row.cve.map((id) => `<a href="${escaped(cveAddress(id))}" rel="noreferrer">${escaped(id)}</a>`);
  const facts = [
    ['Tries', escaped(row.tries)],
    ['Contained if', escaped(row.judged)],
    ...(links.length === 0 ? [] : [['As in', links.join(', ')]]),
    ...(row.accepted === undefined ? [] : [['Accepted', escaped(row.accepted.why)]]),
  ].map(([what, text]) => `<dt>${what}</dt><dd>${text}</dd>`);
  const seen = `<dt>Seen</dt><dd class="seen">${escaped(row.evidence.slice(0, EVIDENCE))}</dd>`;
  const what = row.tries.length > 110 ? `${row.tries.slice(0, row.tries.lastIndexOf(' ', 108))} …` : row.tries;
  const open = row.verdict === 'open' || row.verdict === 'not-run' ? ' open' : '';
  return `<details${open}><summary><b class="${row.verdict}">${VERDICTS[row.verdict]}</b><code>${escaped(row.name)}</code><span class="what">${escaped(what)}</span></summary><dl>${facts.join('')}${seen}</dl></details>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => plain(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
