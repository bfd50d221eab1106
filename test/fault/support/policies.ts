/** A policies folder for one test: the shipped one, with policies changed or added. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse, stringify } from 'yaml';

const SHIPPED = resolve(import.meta.dirname, '../../../policies');

export interface PolicyFolder extends AsyncDisposable {
  readonly path: string;
}

/** Every policy is `standard` with the fields given here; `site` changes site.yaml. Pools stay empty unless they say otherwise. */
export async function policyFolder(policies: Record<string, object>, site: object = {}): Promise<PolicyFolder> {
  const path = await mkdtemp(join(tmpdir(), 'carrel-policies-'));
  await cp(SHIPPED, path, { recursive: true });
  const read = async (name: string) => parse(await readFile(join(SHIPPED, `${name}.yaml`), 'utf8')) as object;
  const standard = { ...(await read('standard')), pool: { min: 0, refillAt: 0, max: 0 } };
  for (const shipped of ['exam', 'gvisor', 'large', 'small']) await rm(join(path, `${shipped}.yaml`), { force: true });
  for (const [name, fields] of Object.entries({ standard: {}, ...policies }))
    await writeFile(join(path, `${name}.yaml`), stringify({ ...standard, title: name, ...fields }));
  await writeFile(join(path, 'site.yaml'), stringify({ ...(await read('site')), ...site }));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
