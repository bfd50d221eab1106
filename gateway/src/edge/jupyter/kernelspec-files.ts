/** The kernelspecs that the kernel image holds, read from the copy beside its Dockerfile: the image itself is never asked. */
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { z } from 'zod';
import { CarrelError } from '../../base/errors.ts';

/** https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs */
const specSchema = z.object({
  argv: z.array(z.string()),
  display_name: z.string().min(1),
  language: z.string(),
  interrupt_mode: z.enum(['signal', 'message']).default('signal'),
  env: z.record(z.string(), z.string()).default({}),
  metadata: z.record(z.string(), z.unknown()).default({}),
});
/** What `jupyter kernelspec list --json` prints. */
const listSchema = z.object({ kernelspecs: z.record(z.string(), z.object({ spec: specSchema })) });

export type Kernelspec = z.output<typeof specSchema>;

export interface KernelspecFile {
  readonly type: string;
  readonly content: Buffer;
}

export interface KernelspecEntry {
  readonly spec: Kernelspec;
  readonly resources: ReadonlyMap<string, KernelspecFile>;
}

/** By the name of the kernel. */
export type KernelspecFiles = ReadonlyMap<string, KernelspecEntry>;

const TYPES: Record<string, string> = {
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** Reads `kernelspecs.json` of the folder, and the resources in `kernelspecs/NAME/`. */
export async function loadKernelspecFiles(folder: string): Promise<KernelspecFiles> {
  const file = join(folder, 'kernelspecs.json');
  const parsed = listSchema.safeParse(await readJson(file));
  if (!parsed.success)
    throw new CarrelError('invalid_settings', `${file} is no list of kernelspecs: ${z.prettifyError(parsed.error)}`);
  const entries = Object.entries(parsed.data.kernelspecs).map(
    async ([name, { spec }]) =>
      [name, { spec, resources: await resourcesOf(join(folder, 'kernelspecs', name)) }] as const,
  );
  return new Map(await Promise.all(entries));
}

async function resourcesOf(folder: string): Promise<Map<string, KernelspecFile>> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const resources = new Map<string, KernelspecFile>();
  for (const name of names.sort()) {
    const type = TYPES[extname(name)];
    if (type !== undefined) resources.set(name, { type, content: await readFile(join(folder, name)) });
  }
  return resources;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CarrelError('invalid_settings', `cannot read ${file}: ${error instanceof Error ? error.message : error}`);
  }
}
