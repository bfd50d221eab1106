/**
 * The kernel image on the real engine, without warden and gateway: Python tests (`kernel-image/agent/tests/image_*.py`), the
 * language of the agent, drive hardened containers through the stream.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const AGENT = 'kernel-image/agent';
const run = promisify(execFile);

async function unittest(pattern: string): Promise<void> {
  const args = ['-W', 'ignore', '-m', 'unittest', 'discover', '-s', `${AGENT}/tests`, '-t', AGENT, '-p', pattern];
  const { stderr } = await run('/usr/bin/python3', args);
  expect(stderr).toMatch(/Ran [1-9]\d* tests.*\nOK\n$/s);
}

test('it holds no setuid file, compiler, debugger or package manager', async () => {
  const find = 'find / -xdev -perm /6000 -print; for c in gcc cc as ld gdb apt dpkg perl; do command -v $c; done; true';
  const args = ['run', '--rm', '--network', 'none', '--entrypoint', '/bin/sh', 'carrel-kernel', '-c', find];
  expect((await run('docker', args)).stdout).toBe('');
});

test('it runs kernels', () => unittest('image_kernel.py'), 300_000);

test('it stands faults', () => unittest('image_faults.py'), 900_000);
