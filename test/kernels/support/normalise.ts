/** What may differ between two runs of the same notebook, whatever the kernel: replaced before two runs are compared. */

/** Ids of comms, widgets, displays: 16 or 32 hexadecimal digits, in groups or not. Numbered in the order in which they appear. */
const IDENTIFIER =
  /(?<![0-9A-Za-z])(?:[0-9a-f]{32}|[0-9a-f]{16}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9A-Za-z])/g;

const DURATION = String.raw`\d[\d.,]*(?:e[-+]\d+)? ?(?:ns|[uµμ]s|ms|s|min|h)\b`;

const RULES: readonly (readonly [what: string, pattern: RegExp, instead: string])[] = [
  ['how deep a recursion came', /\(\d{3,} times\)/g, '(… times)'],
  ['addresses of objects', /\b(?:0x|(?<=object at ))[0-9a-f]{6,}\b/g, '0x…'],
  ['the result of %timeit', new RegExp(`${DURATION} ± ${DURATION} per loop`, 'g'), '… ± … per loop'],
  ['its remark on caches', /The slowest run took .*\n(?:.*cached\.? ?\n)?/g, ''],
  ['what %%bash says of an interrupt where its process ends late', /^Process was interrupted\.\n/gm, ''],
  ['the times of %%time', new RegExp(`((?:user|sys:|total:|Wall time:) )${DURATION}(?: ${DURATION})?`, 'g'), '$1…'],
  ['the times of %run -t', /((?:User {3}|System|Wall time):) +\d+\.\d+ s/g, '$1 … s'],
  ['the times of the profiler', /( in| ) +\d+\.\d{3}(?= )/g, '$1 …'],
  [
    'the file that stands for a cell',
    /\/tmp\/ipykernel_\d+\/\d+\.py|(?:~\/)?<ipython-input-\d+-[0-9a-f]+>/g,
    'cell.py',
  ],
  ['the same without its folder', /\b\d{5,}\.py\b/g, 'cell.py'],
  ['process ids', /\(pid=\d+\)/g, '(pid=…)'],
];

/** One per notebook and kernel, since it numbers the ids. */
export class Normaliser {
  readonly #ids = new Map<string, string>();

  text(text: string): string {
    const replaced = RULES.reduce((sofar, [, pattern, instead]) => sofar.replace(pattern, instead), text);
    return replaced.replace(IDENTIFIER, (id) => this.#number(id));
  }

  /** Of every string and key in a value that came as JSON. */
  value(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.value(item));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.value(item)]));
  }

  #number(id: string): string {
    const known = this.#ids.get(id) ?? `⟨${this.#ids.size + 1}⟩`;
    this.#ids.set(id, known);
    return known;
  }
}
