/**
 * docs/figures.svg: for each of the README's rows two bars, ours and ipykernel driven directly, as long as their medians. No
 * background, and greys that can be read on white as on black.
 */
import type { Figure } from './figure.ts';
import { digits } from './text.ts';

const WIDTH = 720;
const LEFT = 16;
/** Of the longer bar of each pair; the words stand to its right. */
const LONGEST = 430;
const SHORTEST = 2;
const ROW = 70;
const TOP = 44;
const BAR = 14;
const STYLE = `
  text { font: 13px system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif; fill: #7a828b; }
  .title { font-weight: 600; }
  .ours { fill: #2e9b6f; }
  .peer { fill: #98a1aa; }`;

export function picture(figures: readonly Figure[], caption: string): string {
  const height = TOP + figures.length * ROW;
  const words = figures.map((figure) => `${figure.title}: ${valueText(figure, 'ours')}, ${valueText(figure, 'peer')}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${xml(caption)}</title>
<desc>${xml(words.join('; '))}</desc>
<style>${STYLE}
</style>
<rect class="ours" x="${LEFT}" y="11" width="${BAR}" height="${BAR}" rx="3"/><text x="${LEFT + 20}" y="22">Carrel</text>
<rect class="peer" x="${LEFT + 82}" y="11" width="${BAR}" height="${BAR}" rx="3"/><text x="${LEFT + 102}" y="22">ipykernel driven directly, without a sandbox</text>
${figures.map((figure, index) => row(figure, TOP + index * ROW)).join('\n')}
</svg>
`;
}

function row(figure: Figure, top: number): string {
  const most = Math.max(figure.measured.p50, figure.direct?.p50 ?? 0);
  const bar = (whose: 'ours' | 'peer', y: number): string => {
    const value = whose === 'ours' ? figure.measured.p50 : figure.direct?.p50;
    if (value === undefined) return '';
    const width = Math.max(SHORTEST, (value / most) * LONGEST);
    return `<rect class="${whose}" x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR}" rx="3"/><text x="${(LEFT + width + 8).toFixed(1)}" y="${y + 12}">${xml(valueText(figure, whose))}</text>`;
  };
  const title = `<text class="title" x="${LEFT}" y="${top + 14}">${xml(figure.title.replaceAll('`', ''))}</text>`;
  return [title, bar('ours', top + 22), bar('peer', top + 22 + BAR + 4)].join('\n');
}

function valueText({ measured, direct, unit }: Figure, whose: 'ours' | 'peer'): string {
  const value = whose === 'ours' ? measured.p50 : direct?.p50;
  return value === undefined ? '' : `${digits(value)} ${unit}`;
}

const xml = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
