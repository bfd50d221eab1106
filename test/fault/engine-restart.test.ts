/** A real engine is stopped and started under a running Carrel. It is an engine of the test's own, so nobody else is disturbed. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Carrel, startCarrel } from '../support/carrel.ts';
import { type Kernel, openKernel } from '../support/jupyter.ts';
import { counted, counting, deathOf, line, usable } from './support/cells.ts';
import { bytesBelow } from './support/disk.ts';
import { copyImages, engineAt, KERNEL_IMAGE } from './support/docker.ts';
import { type Holdings, Host } from './support/host.ts';
import { type PolicyFolder, policyFolder } from './support/policies.ts';
import { noPrivateEngine, PrivateEngine } from './support/private-engine.ts';
import { until } from './support/until.ts';

if (noPrivateEngine !== undefined) console.warn(`the restart of an engine is not tested: ${noPrivateEngine}`);

describe.skipIf(noPrivateEngine !== undefined)('engine restart', () => {
  let engine: PrivateEngine;
  let policies: PolicyFolder;
  let carrel: Carrel;
  let host: Host;
  let before: Holdings;
  let disk: number;

  beforeAll(async () => {
    engine = await PrivateEngine.start();
    await copyImages([KERNEL_IMAGE], engineAt(), engine.docker);
    policies = await policyFolder({});
    disk = await bytesBelow(engine.data);
    carrel = await startCarrel({ CARREL_POLICIES: policies.path, DOCKER_HOST: engine.host });
    host = await Host.of(carrel, engine.docker);
    before = await host.holdings();
  });

  afterAll(async () => {
    await carrel?.stop();
    await policies?.[Symbol.asyncDispose]();
    await engine?.[Symbol.asyncDispose]();
  });

  test('containers that live through it: the cell goes on, its socket stays, nothing is lost', async () => {
    await engine.restart(true);
    await using kernel = await soon();
    await kernel.run('x = 46');
    const sandboxes = await host.containers();
    const id = kernel.execute(counting(40, 0.1));
    await kernel.until('line 3', line('line 3'));
    await engine.restart(true);
    await Promise.all([kernel.reply(id), kernel.idle(id)]);
    expect(kernel.text(id)).toBe(counted(40, 46));
    expect(kernel.closed).toBeUndefined();
    expect(await host.containers()).toEqual(sandboxes);
  });

  test('containers that end with it: the cell is told, and the worksheet is usable in a new one', async () => {
    await engine.restart(false);
    await using kernel = await soon();
    const id = kernel.execute('import time\nprint("begun", flush=True)\ntime.sleep(120)');
    await kernel.until('begun', line('begun'));
    const old = await host.containers();
    await engine.restart(false);
    expect(await deathOf(kernel, id)).not.toBe('');
    await usable(kernel);
    await until('the dead sandboxes are removed', async () => {
      const now = await host.containers();
      return old.every((container) => !now.includes(container));
    });
  });

  test('afterwards everything is back, also the space on the disk', async () => {
    await host.backTo(before);
    await until('the engine has its disk back', async () => (await bytesBelow(engine.data)) < disk + 16 * 2 ** 20);
    const mounts = await readFile('/proc/mounts', 'utf8');
    expect(mounts.split('\n').filter((line) => line.includes(`${engine.data}/overlay2/`))).toEqual([]);
  });

  /** A kernel as soon as the engine is known to be back. */
  async function soon(): Promise<Kernel> {
    const kernel = await until('a kernel can be started', () => openKernel(carrel).catch(() => undefined));
    if (kernel === undefined) throw new Error('no kernel');
    return kernel;
  }
});
