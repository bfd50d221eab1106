/**
 * A whole installation by `compose.yaml` on this machine's engine: the files of a release in a folder of its own, as an
 * administrator has them, and Compose in a container that alone holds the engine's socket for it.
 */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { GenericContainer, type StartedTestContainer } from 'testcontainers';
import { findDockerAddress } from '../../gateway/src/engine/docker/address.ts';
import { COMPOSE_IMAGE } from '../../setup/stand-ins.ts';
import { freePort } from '../support/carrel.ts';

const root = resolve(import.meta.dirname, '../..');
const FILES = ['compose.yaml', '.env.example', 'ops', 'policies'];

export interface Ran {
  readonly code: number;
  readonly out: string;
}

export class Installation implements AsyncDisposable {
  readonly folder: string;
  readonly project: string;
  readonly url: string;
  readonly httpsPort: number;
  readonly #tool: StartedTestContainer;
  readonly #ports: Readonly<Record<string, string>>;

  private constructor(folder: string, project: string, port: number, https: number, tool: StartedTestContainer) {
    this.folder = folder;
    this.project = project;
    this.url = `http://127.0.0.1:${port}`;
    this.httpsPort = https;
    this.#ports = { STACK_HTTP_PORT: String(port), STACK_HTTPS_PORT: String(https) };
    this.#tool = tool;
  }

  /** Nothing is started yet. */
  static async make(settings: Readonly<Record<string, string>>): Promise<Installation> {
    const { address } = findDockerAddress(process.env);
    if (address.kind !== 'socket') throw new Error('these tests need an engine on this machine, reached by its socket');
    /** Its helper that removes what tests left is an image of a registry; this one removes its container itself. */
    process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true';
    const folder = await mkdtemp(join(tmpdir(), 'carrel-stack-'));
    for (const name of FILES) await cp(join(root, name), join(folder, name), { recursive: true });
    const tool = await new GenericContainer(COMPOSE_IMAGE)
      .withCommand(['sleep', 'infinity'])
      .withNetworkMode('none')
      .withBindMounts([
        { source: address.path, target: '/var/run/docker.sock' },
        /** Under its own path, since the engine mounts what Compose names. */
        { source: folder, target: folder },
      ])
      .start();
    const project = folder.slice(folder.lastIndexOf('/') + 1).toLowerCase();
    const made = new Installation(folder, project, await freePort(), await freePort(), tool);
    await made.write(settings);
    return made;
  }

  /** Writes `.env`, as an administrator does. */
  async write(settings: Readonly<Record<string, string>>): Promise<void> {
    const all = { CARREL_PUBLIC_URL: this.url, STACK_TLS: 'off', STACK_BIND: '127.0.0.1', ...this.#ports, ...settings };
    const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(join(this.folder, '.env'), lines.join(''));
  }

  /** `docker compose …` in the folder. */
  async compose(...args: string[]): Promise<Ran> {
    const command = ['docker', 'compose', '--project-name', this.project, ...args];
    const { exitCode, output } = await this.#tool.exec(command, { workingDir: this.folder });
    return { code: exitCode, out: output };
  }

  /** Throws with what Compose printed where it fails. */
  async done(...args: string[]): Promise<string> {
    const { code, out } = await this.compose(...args);
    if (code === 0) return out;
    const logs = await this.compose('logs', '--no-color', '--tail', '30');
    throw new Error(`docker compose ${args.join(' ')} ended with ${code}:\n${out}\n${logs.out}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.compose('down', '--volumes', '--timeout', '20');
    await this.#tool.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
