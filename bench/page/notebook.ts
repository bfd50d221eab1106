/** The large worksheet: 500 cells with 20 MB of outputs, as a term's worth of work leaves them. */
import { randomBytes } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import type { Carrel } from '../../test/support/carrel.ts';
import { rest } from '../../test/support/jupyter.ts';

const CELLS = 500;
/** Bytes of one cell's output. */
const EACH = 42_000;

export async function makeLarge(carrel: Carrel): Promise<string> {
  const cells = Array.from({ length: CELLS }, (_, index) => cellAt(index));
  return makeWorksheet(carrel, 'Large', cells);
}

export async function makeWorksheet(carrel: Carrel, title: string, cells: readonly object[]): Promise<string> {
  const notebook = { nbformat: 4, nbformat_minor: 4, metadata: {}, cells };
  const answer = await rest(carrel, 'POST', '/api/worksheets', { title, notebook });
  if (answer.status !== 201) throw new Error(`POST /api/worksheets answered ${answer.status}: ${answer.text}`);
  return answer.json.id;
}

export const codeCell = (source: string, outputs: readonly object[] = []): object => ({
  ...{ cell_type: 'code', source, metadata: {}, outputs, execution_count: null },
});

/** In turn: text, a table, a stream, a picture; every tenth is text between them. */
function cellAt(index: number): object {
  if (index % 10 === 9)
    return { cell_type: 'markdown', source: `## Part ${index}\n\nWith $x^2 + ${index}$.`, metadata: {} };
  const source = `# step ${index}\nvalues = [row * ${index} for row in range(100)]\nprint(sum(values))`;
  const kinds = [plain, table, stream, picture];
  return codeCell(source, [(kinds[index % 4] ?? plain)(index)]);
}

const line = (index: number, row: number) => `${index}:${row} ${'0123456789 abcdefghij '.repeat(3)}\n`;
const lines = (index: number) => Array.from({ length: EACH / 72 }, (_, row) => line(index, row)).join('');

const display = (data: object) => ({ output_type: 'display_data', metadata: {}, data });
const plain = (index: number) => display({ 'text/plain': lines(index) });
const stream = (index: number) => ({ output_type: 'stream', name: 'stdout', text: lines(index) });

function table(index: number) {
  const row = (at: number) => `<tr><th>${at}</th>${`<td>${index * at}.25</td>`.repeat(8)}</tr>`;
  const rows = Array.from({ length: EACH / 180 }, (_, at) => row(at)).join('');
  return display({ 'text/html': `<table class="dataframe"><tbody>${rows}</tbody></table>`, 'text/plain': '[table]' });
}

/** Grey noise, which no compression makes smaller. */
function picture() {
  const side = Math.floor(Math.sqrt(EACH * 0.75));
  const rows = Buffer.concat(Array.from({ length: side }, () => Buffer.concat([Buffer.of(0), randomBytes(side)])));
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const png = Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 0 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
  return display({ 'image/png': png.toString('base64'), 'text/plain': '<Figure>' });
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [size, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  size.writeUInt32BE(data.length);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([size, body, check]);
}
