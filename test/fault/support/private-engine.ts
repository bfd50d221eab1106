/**
 * A Docker engine of the test's own (its data, sockets and containers apart from the host's), so that a real engine can be
 * stopped and started without touching anybody else's containers.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { until } from './until.ts';

const DOCKERD = ['/usr/sbin/dockerd', '/usr/bin/dockerd', '/usr/local/bin/dockerd'].find((path) => existsSync(path));

/** Why no engine of our own can run here, undefined where it can. */
export const noPrivateEngine: string | undefined =
  process.getuid?.() !== 0 ? 'it takes root' : DOCKERD === undefined ? 'there is no dockerd on this host' : undefined;

export class PrivateEngine implements AsyncDisposable {
  readonly folder: string;
  readonly docker: Docker;
  readonly host: string;
  #process: ChildProcess | undefined;
  #liveRestore = false;

  private constructor(folder: string) {
    this.folder = folder;
    this.host = `unix://${folder}/docker.sock`;
    this.docker = new Docker({ socketPath: `${folder}/docker.sock` });
  }

  static async start(): Promise<PrivateEngine> {
    const engine = new PrivateEngine(await mkdtemp(join(tmpdir(), 'carrel-engine-')));
    await writeFile(join(engine.folder, 'daemon.json'), '{}');
    await engine.#up();
    return engine;
  }

  /** Folder of images and containers. */
  get data(): string {
    return join(this.folder, 'data');
  }

  async #up(): Promise<void> {
    const at = (name: string) => join(this.folder, name);
    const places = ['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid'), '--host', this.host];
    const rest = ['--config-file', at('daemon.json'), '--bridge', 'none', '--iptables=false', '--ip6tables=false'];
    const args = [...places, ...rest, '--ip-forward=false', ...(this.#liveRestore ? ['--live-restore'] : [])];
    /** In a network of its own: an engine that has no bridge removes `docker0`, which is the host's engine's. */
    const child = spawn('unshare', ['--net', DOCKERD ?? 'dockerd', ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    let log = '';
    child.stderr.on('data', (chunk) => (log = (log + chunk).slice(-4000)));
    this.#process = child;
    await until(`the private engine answers`, () =>
      this.docker.ping().then(
        () => true,
        () => child.exitCode !== null,
      ),
    );
    if (child.exitCode !== null) throw new Error(`dockerd ended with ${child.exitCode}:\n${log}`);
  }

  /** Stops and starts it as the host's service manager does. Containers live through it if the engine so far was told so. */
  async restart(liveRestore: boolean): Promise<void> {
    await this.#down();
    this.#liveRestore = liveRestore;
    await this.#up();
  }

  async #down(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process !== undefined) {
      const left = await this.docker.listContainers({ all: true });
      for (const container of left)
        await this.docker
          .getContainer(container.Id)
          .remove({ force: true })
          .catch(() => {});
    }
    await this.#down();
    const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
    for (const mount of mounts.filter((path) => path.startsWith(this.folder)).reverse())
      await new Promise((done) => spawn('umount', ['-l', mount]).once('exit', done));
    await rm(this.folder, { recursive: true, force: true });
  }
}
