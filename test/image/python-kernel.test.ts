/**
 * Carrel's Python kernel by itself (`kernel-image/kernel/tests/`), inside a container of the image, which has the IPython that it is
 * made for. The sources come through stdin: the engine may be another machine's.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

const RUN = `
import io, os, sys, tarfile, unittest
sys.dont_write_bytecode = True
tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read())).extractall("/tmp/source", filter="data")
sys.path[:0] = ["/tmp/source/kernel", "/tmp/source/agent"]
unittest.main(module=None, argv=["unittest", "discover", "-s", "/tmp/source/kernel/tests", "-t", "/tmp/source/kernel"])
`;

test('it does what its rules and its one thread promise', { timeout: 300_000 }, async () => {
  const limits = ['--network', 'none', '--memory', '1g', '--tmpfs', '/tmp', '--tmpfs', '/home/worksheet'];
  const command = ['run', '--rm', '--interactive', ...limits, '--env', 'HOME=/tmp', '--entrypoint', 'python3'];
  const container = spawn('docker', [...command, 'carrel-kernel', '-c', RUN], { stdio: ['pipe', 'pipe', 'pipe'] });
  const tar = spawn('tar', ['-C', 'kernel-image', '-c', 'kernel', 'agent'], { stdio: ['ignore', 'pipe', 'inherit'] });
  tar.stdout.pipe(container.stdin);
  const [said, complained] = await Promise.all([
    text(container.stdout),
    text(container.stderr),
    once(container, 'exit'),
  ]);
  expect(complained, said).toMatch(/Ran [1-9]\d* tests.*\nOK\n$/s);
});
