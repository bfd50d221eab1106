/** The driver against a socket where no engine is, and against one that answers as other engines do. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { samplePolicy } from '../../../../test/contract/sample-policy.ts';
import { newSandboxId } from '../../base/ids.ts';
import { Scope } from '../../base/scope.ts';
import { containerPlan } from '../container-plan.ts';
import { DockerEngine } from './docker-engine.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const scope = (ms = 5000) => Scope.withDeadline('the call', ms);

function socketPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'carrel-engine-'));
  cleanups.push(() => rmSync(folder, { recursive: true }));
  return join(folder, 'docker.sock');
}

const engineAt = (path: string) => new DockerEngine({ kind: 'socket', path });

/** Answers `METHOD /path` (without version and query) with a status and a JSON body; notes every path. */
async function engineThat(answers: Record<string, [number, object]>) {
  const seen: string[] = [];
  const listener: RequestListener = (request, response) => {
    const url = request.url ?? '';
    seen.push(`${request.method} ${url}`);
    const path = url.replace(/\?.*/, '').replace(/^\/v1\.\d+/, '');
    const [status, body] = answers[`${request.method} ${path}`] ?? [500, { message: `not expected: ${path}` }];
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  };
  const server = createServer(listener);
  const path = socketPath();
  await new Promise<void>((resolve) => void server.listen(path, resolve));
  cleanups.push(() => server.close());
  return { engine: engineAt(path), seen };
}

const VERSION: Record<string, [number, object]> = {
  'GET /version': [200, { ApiVersion: '1.52', MinAPIVersion: '1.44' }],
};
const IMAGE: [number, object] = [200, { Id: 'sha256:1', Config: {} }];

const plan = () =>
  containerPlan({
    sandbox: newSandboxId(),
    policy: samplePolicy(),
    uid: 200_001,
    isolation: 'guarded',
    instance: 'here',
    orphanSeconds: 60,
    cgroupDriver: 'systemd',
    seccomp: '{}',
  });

describe('no engine', () => {
  it('is told with the address and the reason: no socket', async () => {
    const path = socketPath();
    await expect(engineAt(path).facts(scope())).rejects.toMatchObject({
      code: 'engine_unavailable',
      message: `no Docker engine at ${path}: there is no such socket; is it installed and running?`,
    });
  });

  it('is told with the address and the reason: nothing listens', async () => {
    const path = socketPath();
    writeFileSync(path, '');
    await expect(engineAt(path).facts(scope())).rejects.toMatchObject({
      code: 'engine_unavailable',
      message: `no Docker engine at ${path}: nothing listens there; is it running?`,
    });
  });

  it('is told with the address and the reason: TCP', async () => {
    const engine = new DockerEngine({ kind: 'tcp', host: '127.0.0.1', port: 9 });
    await expect(engine.facts(scope())).rejects.toMatchObject({
      code: 'engine_unavailable',
      message: 'no Docker engine at tcp://127.0.0.1:9: nothing listens there; is it running?',
    });
  });

  it('ends the event stream with it', async () => {
    const events = engineAt(socketPath()).events({ key: 'a', value: 'b' }, new AbortController().signal);
    await expect(events[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'engine_unavailable' });
  });

  it('is not asked through the environment', async () => {
    process.env['DOCKER_HOST'] = 'tcp://127.0.0.1:1';
    cleanups.push(() => delete process.env['DOCKER_HOST']);
    const { engine } = await engineThat({ ...VERSION, 'GET /info': [200, { ServerVersion: '29.0.0' }] });
    expect(await engine.facts(scope())).toMatchObject({ version: '29.0.0' });
  });
});

describe('an engine that is newer', () => {
  it('is asked for its version without one, then in the newest that both know', async () => {
    const { engine, seen } = await engineThat({ ...VERSION, 'GET /info': [200, {}] });
    expect(await engine.facts(scope())).toMatchObject({ apiVersion: '1.52' });
    await engine.facts(scope());
    expect(seen).toEqual(['GET /version', 'GET /v1.52/info', 'GET /v1.52/info']);
  });

  it('whose requests hang is given up with the scope', async () => {
    const path = socketPath();
    const server = createServer(() => {});
    await new Promise<void>((resolve) => void server.listen(path, resolve));
    cleanups.push(() => server.close().closeAllConnections());
    await expect(engineAt(path).facts(scope(50))).rejects.toMatchObject({ code: 'timeout' });
    await expect.poll(() => new Promise((resolve) => server.getConnections((_, count) => resolve(count)))).toBe(0);
  });
});

describe('a create that is refused', () => {
  it('carries the engine’s own words, and neither plan nor profile in the address', async () => {
    const { engine, seen } = await engineThat({
      ...VERSION,
      'GET /images/debian:trixie-slim/json': IMAGE,
      'POST /containers/create': [400, { message: 'unknown or invalid runtime name: runc' }],
    });
    const asked = plan();
    await expect(engine.create(asked, scope())).rejects.toMatchObject({
      code: 'sandbox_rejected',
      message: 'the engine refused to make the container: unknown or invalid runtime name: runc',
    });
    expect(seen.at(-1)).toBe(`POST /v1.52/containers/create?name=${asked.name}`);
  });

  it('for an image that declares a volume: it would be a folder on the host’s disk', async () => {
    const { engine, seen } = await engineThat({
      ...VERSION,
      'GET /images/debian:trixie-slim/json': [200, { Id: 'sha256:1', Config: { Volumes: { '/data': {} } } }],
    });
    await expect(engine.create(plan(), scope())).rejects.toMatchObject({
      code: 'sandbox_rejected',
      message: expect.stringContaining('to declare no VOLUME, got /data'),
    });
    expect(seen.some((line) => line.startsWith('POST'))).toBe(false);
  });

  it('for a missing image of ours says who builds it', async () => {
    const { engine } = await engineThat({
      ...VERSION,
      'GET /images/carrel-kernel/json': [404, { message: 'no such image' }],
    });
    const asked = plan();
    const ours = { ...asked, body: { ...asked.body, Image: 'carrel-kernel' } };
    await expect(engine.create(ours, scope())).rejects.toMatchObject({
      code: 'image_missing',
      message: 'expected the engine to have the image "carrel-kernel", got none of this name; `npm start` builds it',
    });
  });

  it('for a name that another sandbox has', async () => {
    const asked = plan();
    const { engine } = await engineThat({
      ...VERSION,
      'GET /images/debian:trixie-slim/json': IMAGE,
      'POST /containers/create': [409, { message: 'the name is in use' }],
      [`GET /containers/${asked.name}/json`]: [
        200,
        { Id: 'x', Config: { Labels: { 'carrel.instance': 'elsewhere' } }, State: {} },
      ],
    });
    await expect(engine.create(asked, scope())).rejects.toMatchObject({ code: 'sandbox_rejected' });
  });
});

it('a start that the runtime refuses is "rejected": nothing ran', async () => {
  const { engine } = await engineThat({
    ...VERSION,
    'POST /containers/c1/start': [500, { message: 'OCI runtime create failed: no space left on device' }],
  });
  await expect(engine.start('c1', scope())).rejects.toMatchObject({
    code: 'sandbox_rejected',
    message: expect.stringContaining('no space left on device'),
  });
});
