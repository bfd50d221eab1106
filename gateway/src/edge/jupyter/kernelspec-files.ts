/** The kernelspecs that are copied into the kernel image, read from the folder beside its Dockerfile: no image is ever asked. */
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

/** Reads `NAME/kernel.json` of every folder, and the files beside it that clients may ask for. */
export async function loadKernelspecFiles(folder: string): Promise<KernelspecFiles> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    throw new CarrelError('invalid_settings', `cannot read the kernelspecs in ${folder}: ${error.message}`);
  });
  const read = async (name: string) => [name, await readEntry(join(folder, name))] as const;
  return new Map(await Promise.all(entries.filter((entry) => entry.isDirectory()).map((entry) => read(entry.name))));
}

async function readEntry(folder: string): Promise<KernelspecEntry> {
  const file = join(folder, 'kernel.json');
  const parsed = specSchema.safeParse(await readJson(file));
  if (parsed.success) return { spec: parsed.data, resources: await resourcesOf(folder) };
  throw new CarrelError('invalid_settings', `${file} is no kernelspec: ${z.prettifyError(parsed.error)}`);
}

async function resourcesOf(folder: string): Promise<Map<string, KernelspecFile>> {
  const resources = new Map<string, KernelspecFile>();
  for (const name of (await readdir(folder)).sort()) {
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
