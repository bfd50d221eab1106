/**
 * The kernel image on the real engine. The tests are Python (`kernel-image/agent/tests`), the language of the agent: those of its logic
 * run here and inside the image, those of the image drive hardened containers.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const AGENT = 'kernel-image/agent';
const IMAGE = 'carrel-kernel:dev';

function unittest(...words: string[]): string {
  const args = ['-W', 'ignore', '-m', 'unittest', 'discover', '-s', `${AGENT}/tests`, '-t', AGENT, ...words];
  const run = spawnSync('python3', args, { encoding: 'utf8' });
  return run.status === 0 ? 'OK' : run.stderr.slice(-8000);
}

describe('agent and kernel image', () => {
  it('has sound logic', () => expect(unittest()).toBe('OK'));

  it('has sound logic with the Python of the image', () => {
    const mount = `${process.cwd()}:/repository:ro`;
    const tests = `/repository/${AGENT}`;
    const python = ['python3', '-B', '-m', 'unittest', 'discover', '-s', `${tests}/tests`, '-t', tests];
    const args = ['run', '--rm', '--network', 'none', '--entrypoint', '/usr/bin/env', '-v', mount, IMAGE, ...python];
    const run = spawnSync('docker', args, { encoding: 'utf8' });
    expect(run.status, run.stderr.slice(-4000)).toBe(0);
  });

  it('lists its kernelspecs for the gateway', () => {
    expect(existsSync('kernel-image/kernelspecs.json')).toBe(true);
    expect(spawnSync('python3', ['kernel-image/kernelspecs.py', '--check'], { encoding: 'utf8' }).stderr).toBe('');
  });

  it('holds no setuid file, compiler, debugger or package manager', () => {
    const find =
      'find / -xdev -perm /6000 -print; for c in gcc cc as ld gdb apt dpkg perl; do command -v $c; done; true';
    const args = ['run', '--rm', '--network', 'none', '--entrypoint', '/bin/sh', IMAGE, '-c', find];
    expect(spawnSync('docker', args, { encoding: 'utf8' }).stdout).toBe('');
  });

  it('runs kernels', { timeout: 300_000 }, () => expect(unittest('-p', 'image_kernel.py')).toBe('OK'));

  it('stands faults', { timeout: 900_000 }, () => expect(unittest('-p', 'image_faults.py')).toBe('OK'));
});
