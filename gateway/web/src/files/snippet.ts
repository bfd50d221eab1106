/** The line of code that reads a file, by the ending of its name. Pure. */
const READERS: Readonly<Record<string, (path: string) => string>> = {
  csv: (path) => `pd.read_csv(${path})`,
  tsv: (path) => `pd.read_csv(${path}, sep="\\t")`,
  json: (path) => `pd.read_json(${path})`,
  jsonl: (path) => `pd.read_json(${path}, lines=True)`,
  parquet: (path) => `pd.read_parquet(${path})`,
  xls: (path) => `pd.read_excel(${path})`,
  xlsx: (path) => `pd.read_excel(${path})`,
  pkl: (path) => `pd.read_pickle(${path})`,
  npy: (path) => `np.load(${path})`,
  npz: (path) => `np.load(${path})`,
  png: (path) => `plt.imread(${path})`,
  jpg: (path) => `plt.imread(${path})`,
  jpeg: (path) => `plt.imread(${path})`,
  txt: (path) => `open(${path}).read()`,
  md: (path) => `open(${path}).read()`,
};

/** Of another language than Python, the path in quotes, which most of them understand. */
export function snippet(path: string, language: string): string {
  /** A text of JSON is one of Python too. */
  const quoted = JSON.stringify(path);
  if (language !== 'python') return quoted;
  const ending = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';
  const reader = Object.hasOwn(READERS, ending) ? READERS[ending] : undefined;
  return reader === undefined ? `open(${quoted}, "rb")` : reader(quoted);
}
