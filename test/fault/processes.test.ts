/** Any of the processes may be killed at any moment: what a person who is at work then sees. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { openKernel, rest } from '../support/jupyter.ts';
import { counted, counting, deathOf, line, reconnect, restart, status, textOnce, usable } from './support/cells.ts';
import { engineAt } from './support/docker.ts';
import { type Holdings, Host } from './support/host.ts';
import { type PolicyFolder, policyFolder } from './support/policies.ts';
import { until } from './support/until.ts';

let policies: PolicyFolder;
let carrel: Carrel;
let host: Host;
let before: Holdings;
const docker = engineAt();

beforeAll(async () => {
  policies = await policyFolder({});
  carrel = await startCarrel({ CARREL_POLICIES: policies.path });
  host = await Host.of(carrel);
  before = await host.holdings();
});

afterAll(async () => {
  await carrel?.stop();
  await policies?.[Symbol.asyncDispose]();
  const { instance } = host;
  expect(await docker.listContainers({ all: true, filters: { label: [`carrel.instance=${instance}`] } })).toEqual([]);
});

describe('SIGKILL of the gateway', () => {
  test('the cell goes on; the same session gets every line, and the variables are kept', async () => {
    await using kernel = await openKernel(carrel);
    await kernel.run('x = 42');
    const sandboxes = await host.containers();
    const id = kernel.execute(counting(20, 0.1));
    await kernel.until('line 3', line('line 3'));
    await carrel.kill('gateway');
    await reconnect(kernel);
    await Promise.all([kernel.reply(id), kernel.idle(id)]);
    expect(textOnce(kernel, id)).toBe(counted(20, 42));
    expect((await kernel.run('print(x)')).text).toBe('42\n');
    expect(await host.containers()).toEqual(sandboxes);
  });

  test('a kernel that was deleted is not left as an orphan when the gateway dies at that moment', async () => {
    const kernel = await openKernel(carrel);
    await kernel.run('x = 1');
    const deleted = rest(carrel, 'DELETE', `/api/kernels/${kernel.id}`).catch(() => undefined);
    await carrel.kill('gateway');
    await deleted;
    const listed = () => rest(carrel, 'GET', '/api/kernels').catch(() => undefined);
    await until('the gateway answers', async () => (await listed())?.status === 200);
    await until(
      'every sandbox belongs to a kernel in the list',
      async () => (await host.containers()).length === (await listed())?.json.length,
    );
    await rest(carrel, 'DELETE', `/api/kernels/${kernel.id}`);
    await until('no sandbox is left', async () => (await host.containers()).length === before.containers);
  });
});

describe('SIGKILL of the warden', () => {
  test('sockets stay, the cell goes on, nothing is lost and nothing runs twice', async () => {
    await using kernel = await openKernel(carrel);
    await kernel.run('x = 43');
    const sandboxes = await host.containers();
    const id = kernel.execute(counting(20, 0.1));
    await kernel.until('line 3', line('line 3'));
    await carrel.kill('warden');
    await Promise.all([kernel.reply(id), kernel.idle(id)]);
    expect(kernel.text(id)).toBe(counted(20, 43));
    expect(kernel.closed).toBeUndefined();
    expect((await kernel.run('print(x)')).text).toBe('43\n');
    expect(await host.containers()).toEqual(sandboxes);
  });

  test('another kernel can be started as soon as it is back', async () => {
    await carrel.kill('warden');
    const started = async () => {
      const answer = await rest(carrel, 'POST', '/api/kernels', {});
      if (answer.status === 201) await rest(carrel, 'DELETE', `/api/kernels/${answer.json.id}`);
      else expect(answer).toMatchObject({ status: 503, json: { message: expect.any(String) } });
      return answer.status === 201;
    };
    await until('a kernel can be started', started);
  });
});

describe('SIGKILL of both', () => {
  test('the cell goes on; the same session gets every line, and the variables are kept', async () => {
    await using kernel = await openKernel(carrel);
    await kernel.run('x = 44');
    const sandboxes = await host.containers();
    const id = kernel.execute(counting(20, 0.1));
    await kernel.until('line 3', line('line 3'));
    await Promise.all([carrel.kill('gateway'), carrel.kill('warden')]);
    await reconnect(kernel);
    await Promise.all([kernel.reply(id), kernel.idle(id)]);
    expect(textOnce(kernel, id)).toBe(counted(20, 44));
    expect(await host.containers()).toEqual(sandboxes);
  });
});

describe('SIGKILL of the kernel', () => {
  test('in a cell: the cell ends with an error that says so, and the worksheet is usable', async () => {
    await using kernel = await openKernel(carrel);
    await kernel.run('x = 1');
    const sandboxes = await host.containers();
    const id = kernel.execute('import os, signal\nos.kill(os.getpid(), signal.SIGKILL)');
    expect(await deathOf(kernel, id)).toMatch(/kernel/i);
    await kernel.until('restarting', status('restarting'));
    await usable(kernel);
    expect((await kernel.run('print("x" in globals())')).text).toBe('False\n');
    expect(await host.containers()).toEqual(sandboxes);
  });

  test('between cells: its clients hear that it restarts, and the worksheet is usable', async () => {
    await using kernel = await openKernel(carrel);
    await kernel.run('import os, threading\nthreading.Timer(0.5, os.kill, (os.getpid(), 9)).start()');
    await kernel.until('restarting', status('restarting'));
    await usable(kernel);
  });

  test('again and again: the worksheet can still be used afterwards', async () => {
    await using kernel = await openKernel(carrel);
    for (let turn = 0; turn < 4; turn += 1) {
      const id = kernel.execute('import os\nos.kill(os.getpid(), 9)');
      await deathOf(kernel, id);
    }
    const again = await restart(carrel, kernel);
    expect(again.status, again.text).toBe(200);
    await usable(kernel);
  });
});

describe('SIGKILL of the agent', () => {
  test('in a cell: the cell ends with an error that says so, and a new sandbox takes over', async () => {
    await using kernel = await openKernel(carrel);
    const old = await onlyNew(before.containers);
    const id = kernel.execute('import time\nprint("begun", flush=True)\ntime.sleep(60)');
    await kernel.until('begun', line('begun'));
    await docker.getContainer(old).kill();
    expect(await deathOf(kernel, id)).not.toBe('');
    await kernel.until('restarting', status('restarting'));
    await usable(kernel);
    await until('the dead sandbox is removed', async () => !(await host.containers()).includes(old));
  });

  test('between cells: the worksheet is usable', async () => {
    await using kernel = await openKernel(carrel);
    await kernel.run('x = 1');
    await docker.getContainer(await onlyNew(before.containers)).kill();
    await kernel.until('restarting', status('restarting'));
    await usable(kernel);
  });

  const onlyNew = async (kept: number): Promise<string> => {
    const found = async () => {
      const ids = await host.containers();
      return ids.length === kept + 1 ? ids[0] : undefined;
    };
    return (await until('there is one sandbox', found)) ?? '';
  };
});

test('afterwards everything is back', () => host.backTo(before));
