/**
 * `promtool`, which holds the alert rules and the metrics against Prometheus' own parsers. It is taken out of Debian's package and nothing
 * is installed: the package would start a server on this machine.
 */
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isDebian } from '../debian.mjs';
import { run, SetupError, step } from '../steps.mjs';

const FOLDER = resolve(import.meta.dirname, '../../node_modules/.cache/carrel');

/** The program's path. Throws `SetupError` where it is not on the PATH and this is no Debian. */
export async function ensurePromtool(): Promise<string> {
  const own = (process.env['PATH'] ?? '').split(':').find((folder) => existsSync(join(folder, 'promtool')));
  if (own !== undefined) return join(own, 'promtool');
  const kept = join(FOLDER, 'promtool');
  if (existsSync(kept)) return kept;
  if (!isDebian()) throw new SetupError('promtool is missing; install Prometheus, which brings it');
  await step('fetching promtool', async (note) => {
    const folder = await mkdtemp(join(tmpdir(), 'carrel-promtool-'));
    try {
      /** apt's own user writes there. */
      await chmod(folder, 0o777);
      const fetch = () => run('apt-get', ['download', '-q', 'prometheus'], { note, cwd: folder });
      await fetch().catch(async () => {
        await run('apt-get', ['update', '-q'], { note });
        await fetch();
      });
      const [name = ''] = (await readdir(folder)).filter((each) => each.endsWith('.deb'));
      await run('dpkg-deb', ['-x', name, 'unpacked'], { note, cwd: folder });
      await mkdir(FOLDER, { recursive: true });
      await run('cp', [join(folder, 'unpacked/usr/bin/promtool'), `${kept}.part`], { note });
      await rename(`${kept}.part`, kept);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  return kept;
}
