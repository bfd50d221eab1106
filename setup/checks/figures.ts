/** Figures that a document takes from the results of the benchmarks: rows `| … | 1.32 ms, p95 2.22 ms | FILE “name” |`. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROW = /^\| [^|]+ \| ([^|]+) \| `([\w./-]+\.json)` “([^”]+)” \|$/gm;
const VALUE = /(?:(p50|p95|max) )?(\d+(?:\.\d+)?)/g;

interface Results {
  readonly rows: readonly {
    readonly figures: readonly { readonly name: string; readonly measured: Readonly<Record<string, number>> }[];
  }[];
}

/** How many figures were compared, and a line for each that is another one in its file. Without a name of its own a value is p50. */
export function strayFigures(document: string, folder: string): { count: number; problems: string[] } {
  let count = 0;
  const text = readFileSync(join(folder, document), 'utf8');
  const problems = [...text.matchAll(ROW)].flatMap(([, values = '', file = '', name = '']) => {
    const measured = resultsOf(join(folder, file))?.find((figure) => figure.name === name)?.measured;
    if (measured === undefined) return [`${document}: ${file} has no figure ${name}`];
    return [...values.matchAll(VALUE)].flatMap(([, which = 'p50', printed = '']) => {
      count += 1;
      const value = measured[which];
      const digits = printed.split('.')[1]?.length ?? 0;
      return value !== undefined && value.toFixed(digits) === printed
        ? []
        : [`${document}: ${name} of ${file} is ${value} (${which}), not ${printed}`];
    });
  });
  return { count, problems };
}

function resultsOf(path: string) {
  if (!existsSync(path)) return undefined;
  return (JSON.parse(readFileSync(path, 'utf8')) as Results).rows.flatMap(({ figures }) => figures);
}
