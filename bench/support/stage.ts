/** A whole Carrel for one row, as `npm start` runs it: own data folder, own port, own policies. */
import { request } from 'node:http';
import { join } from 'node:path';
import { wardenStatus } from '../../gateway/src/wire/warden-api.ts';
import { policyFolder } from '../../test/fault/support/policies.ts';
import { type Carrel, startCarrel } from '../../test/support/carrel.ts';
import type { Bench } from './row.ts';

/** A policy whose sandboxes are prepared for ipykernel, and the name under which it is asked for. */
export const IPYKERNEL = { second: { kernel: 'ipykernel', kernels: ['ipykernel'] } };
export const IPYKERNEL_SPEC = 'ipykernel-second';

/** Policies by name, each `standard` with these fields; without a `pool` it has none. `standard` is the default. */
export async function withCarrel<T>(
  { image }: Bench,
  policies: Record<string, object>,
  work: (carrel: Carrel, policies: string) => Promise<T>,
): Promise<T> {
  const named = Object.entries({ standard: {}, ...policies }).map(([name, fields]) => [name, { image, ...fields }]);
  await using folder = await policyFolder(Object.fromEntries(named));
  await using carrel = await startCarrel({ CARREL_POLICIES: folder.path, CARREL_LOG: 'warn' });
  return await work(carrel, folder.path);
}

/** What the warden says of itself. */
function status(carrel: Carrel) {
  const options = { socketPath: join(carrel.data, 'warden.sock'), path: '/status', agent: false };
  return new Promise<string>((done, fail) => {
    const asked = request(options, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.once('end', () => done(text));
    });
    asked.once('error', fail).end();
  }).then((text) => wardenStatus.parse(JSON.parse(text)));
}

/** Waits until the policy's pool holds so many, and nothing is being started. */
export async function poolHolds(carrel: Carrel, policy: string, count: number): Promise<void> {
  await until(`the pool of ${policy} holds ${count}`, async () => {
    const pool = (await status(carrel)).pools.find((one) => one.policy === policy);
    return (pool?.ready ?? 0) >= count && pool?.starting === 0;
  });
}

/** Waits until no sandbox is left but those of the pools. */
export async function noneOpen(carrel: Carrel): Promise<void> {
  await until('no sandbox is left', async () => {
    const { sandboxes, pools } = await status(carrel);
    return sandboxes.used === pools.reduce((sum, { ready, starting }) => sum + ready + starting, 0);
  });
}

/** Asks every 20 ms. */
export async function until(what: string, test: () => Promise<boolean>, seconds = 120): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await test())) {
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`);
    await pause(20);
  }
}

export const pause = (ms: number): Promise<void> => new Promise((next) => setTimeout(next, ms));
