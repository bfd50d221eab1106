/** Answers of other engines than the one that the engine tests run on, as recorded from them or from the API's reference. */
import { describe, expect, it } from 'vitest';
import { inspectedState, listedState, toFacts } from './answers.ts';

describe('facts', () => {
  it('of a newer engine with systemd on cgroup v2', () => {
    const info = {
      ServerVersion: '29.1.0',
      CgroupVersion: '2',
      CgroupDriver: 'systemd',
      Runtimes: { runc: {}, runsc: {}, 'io.containerd.runc.v2': {} },
      DefaultRuntime: 'runc',
      SecurityOptions: ['name=apparmor', 'name=seccomp,profile=builtin', 'name=cgroupns'],
      NCPU: 8,
      MemTotal: 33_000_000_000,
      KernelVersion: '6.12.0',
    };
    expect(toFacts(info, '1.52')).toMatchObject({
      apiVersion: '1.52',
      cgroupVersion: 2,
      cgroupDriver: 'systemd',
      rootless: false,
      runtimes: ['runc', 'runsc', 'io.containerd.runc.v2'],
    });
  });

  it('of a rootless engine on cgroup v1, which has no cgroup driver', () => {
    const info = {
      CgroupVersion: '1',
      CgroupDriver: 'none',
      SecurityOptions: ['name=seccomp,profile=default', 'name=rootless'],
    };
    expect(toFacts(info, '1.41')).toMatchObject({ rootless: true, cgroupDriver: 'none', cgroupVersion: 1 });
  });

  it('of an engine that leaves fields out', () => {
    expect(toFacts({ SecurityOptions: null }, '1.41')).toMatchObject({
      defaultRuntime: 'runc',
      runtimes: [],
      securityOptions: [],
    });
  });
});

describe('states', () => {
  it.each([
    ['created', 'created'],
    ['running', 'running'],
    ['paused', 'running'],
    ['restarting', 'running'],
    ['removing', 'exited'],
    ['exited', 'exited'],
    ['dead', 'exited'],
  ])('the engine’s %s is %s', (word, status) => {
    expect(inspectedState({ Id: 'x', State: { Status: word } })).toEqual({ id: 'x', labels: {}, status });
    expect(listedState({ Id: 'x', State: word, Labels: null })).toEqual({ id: 'x', labels: {}, status });
  });

  it('the exit status is read from both answers', () => {
    expect(inspectedState({ Id: 'x', State: { Status: 'exited', ExitCode: 137 } })).toMatchObject({ exitCode: 137 });
    expect(listedState({ Id: 'x', State: 'exited', Status: 'Exited (137) 3 seconds ago' })).toMatchObject({
      exitCode: 137,
    });
  });

  it('a running container has no exit status, though the inspection says 0', () => {
    expect(inspectedState({ Id: 'x', State: { Status: 'running', ExitCode: 0 } })).not.toHaveProperty('exitCode');
  });
});
