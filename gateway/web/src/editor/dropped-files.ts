/** The files that were dropped somewhere, those in folders among them. */
export interface Dropped {
  /** With the folders that were dropped in front. */
  readonly path: string;
  readonly file: File;
}

/** Of one folder that is dropped. */
const MOST = 2000;

/** To be called within the event: afterwards the browser has forgotten them. */
export function droppedFiles(transfer: DataTransfer): Promise<Dropped[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const plain = [...transfer.files].map((file) => ({ path: file.name, file }));
  if (entries.every((entry) => entry === null || entry.isFile)) return Promise.resolve(plain);
  return collect(entries.filter((entry) => entry !== null));
}

async function collect(entries: readonly FileSystemEntry[]): Promise<Dropped[]> {
  const found: Dropped[] = [];
  const left = [...entries];
  for (let entry = left.shift(); entry !== undefined && found.length < MOST; entry = left.shift()) {
    if (entry.name.startsWith('.')) continue;
    if (isFile(entry)) found.push({ path: entry.fullPath.replace(/^\//, ''), file: await fileOf(entry) });
    else if (isFolder(entry)) left.push(...(await entriesOf(entry)));
  }
  return found;
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

const fileOf = (entry: FileSystemFileEntry): Promise<File> =>
  new Promise((resolve, reject) => entry.file(resolve, reject));

/** A browser gives them a hundred at a time. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0 || all.length > MOST) return all;
    all.push(...some);
  }
}
