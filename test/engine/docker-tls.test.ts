/** The driver over TCP with TLS and client certificates: a proxy of ours stands in front of the engine's socket. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterAll, expect, it } from 'vitest';
import { newSandboxId } from '../../gateway/src/base/ids.ts';
import { Scope } from '../../gateway/src/base/scope.ts';
import { containerPlan, LABELS } from '../../gateway/src/engine/container-plan.ts';
import { findDockerAddress } from '../../gateway/src/engine/docker/address.ts';
import { DockerEngine } from '../../gateway/src/engine/docker/docker-engine.ts';
import { samplePolicy } from '../contract/sample-policy.ts';

const folder = mkdtempSync(join(tmpdir(), 'carrel-tls-'));
const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });

/** An authority of its own, and certificates of both ends signed by it. */
function certificate(name: string, extension: string): void {
  writeFileSync(join(folder, `${name}.ext`), extension);
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
    '-subj',
    `/CN=${name}`,
  );
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    `${name}.crt`,
    '-extfile',
    `${name}.ext`,
  );
}
openssl(
  'req',
  '-x509',
  '-newkey',
  'rsa:2048',
  '-nodes',
  '-keyout',
  'ca.key',
  '-out',
  'ca.pem',
  '-subj',
  '/CN=authority',
);
certificate('server', 'subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n');
certificate('client', 'extendedKeyUsage=clientAuth\n');
const file = (name: string) => readFileSync(join(folder, name), 'utf8');

const { address } = findDockerAddress({});
const socketPath = address.kind === 'socket' ? address.path : '';
const options = {
  ca: file('ca.pem'),
  cert: file('server.crt'),
  key: file('server.key'),
  requestCert: true,
  rejectUnauthorized: true,
};
const proxy = createServer(options, (secure) => {
  const engine = connect(socketPath);
  secure.pipe(engine).pipe(secure);
  secure.on('error', () => engine.destroy());
  engine.on('error', () => secure.destroy());
});
proxy.on('tlsClientError', () => {});
await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve));
const port = (proxy.address() as AddressInfo).port;

afterAll(() => {
  proxy.close();
  rmSync(folder, { recursive: true });
});

const scope = () => Scope.withDeadline('the call', 30_000);

function variables(cert: string, key: string) {
  const certs = mkdtempSync(join(folder, 'certs-'));
  writeFileSync(join(certs, 'ca.pem'), file('ca.pem'));
  writeFileSync(join(certs, 'cert.pem'), file(cert));
  writeFileSync(join(certs, 'key.pem'), file(key));
  return { DOCKER_HOST: `tcp://127.0.0.1:${port}`, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: certs };
}

it('makes, attaches, watches and removes a container over TLS', async () => {
  const found = findDockerAddress(variables('client.crt', 'client.key'));
  const engine = new DockerEngine(found.address);
  const facts = await engine.facts(scope());
  const instance = `tls-${newSandboxId()}`;
  const seccomp = readFileSync('policies/seccomp/worksheet.json', 'utf8');
  const request = { sandbox: newSandboxId(), policy: samplePolicy(), uid: 246_000, isolation: 'guarded' as const };
  const plan = containerPlan({ ...request, instance, orphanSeconds: 60, cgroupDriver: facts.cgroupDriver, seccomp });
  const stop = new AbortController();
  const events = engine.events({ key: LABELS.instance, value: instance }, stop.signal)[Symbol.asyncIterator]();
  const first = events.next();
  const id = await engine.create({ ...plan, body: { ...plan.body, Entrypoint: ['cat'], Cmd: [] } }, scope());
  try {
    const { stream } = await engine.attach(id, scope());
    await engine.start(id, scope());
    const sent = Buffer.alloc(256 * 1024, 'carrel ');
    stream.write(sent);
    const received: Buffer[] = [];
    for await (const chunk of stream) {
      received.push(chunk);
      if (Buffer.concat(received).length >= sent.length) break;
    }
    expect(Buffer.concat(received).equals(sent)).toBe(true);
    expect((await first).value).toEqual({ type: 'started', containerId: id });
  } finally {
    await engine.remove(id, scope());
    stop.abort();
  }
  expect(await engine.list({ key: LABELS.instance, value: instance }, scope())).toEqual([]);
});

it('is refused without the right certificate, in words', async () => {
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'other.key',
    '-out',
    'other.crt',
    '-subj',
    '/CN=other',
  );
  const engine = new DockerEngine(findDockerAddress(variables('other.crt', 'other.key')).address);
  await expect(engine.facts(scope())).rejects.toMatchObject({
    code: 'engine_unavailable',
    message: expect.stringContaining(`no Docker engine at tcp://127.0.0.1:${port} (TLS): `),
  });
});

it('refuses a server whose certificate is for another name', async () => {
  const right = variables('client.crt', 'client.key');
  const engine = new DockerEngine(findDockerAddress({ ...right, DOCKER_HOST: `tcp://localhost:${port}` }).address);
  await expect(engine.facts(scope())).rejects.toMatchObject({
    code: 'engine_unavailable',
    message: expect.stringMatching(/localhost/),
  });
});
