/** compose.yaml, .env.example and the program say the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { SETTING_NAMES } from '../gateway/src/config/settings.ts';
import { USERS } from '../gateway/src/release/first-start.ts';
import { stackImages } from '../gateway/src/release/stack-images.ts';
import { root } from './dependencies.mjs';
import { CADDY_IMAGE, POSTGRES_IMAGE, REDIS_IMAGE } from './stand-ins.ts';

const read = (name: string) => readFileSync(join(root, name), 'utf8');
const { version } = JSON.parse(read('package.json')) as { version: string };
const compose = read('compose.yaml');
const example = read('.env.example');
const engineTls = read('ops/compose/engine-tls.yaml');

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
}
const { services } = parse(compose, { merge: true }) as { services: Record<string, Service> };

/** Names and defaults of all variables that the file reads. */
const variables = (text: string) =>
  new Map(
    [...text.matchAll(/\$\{([A-Z_]+)(?::?[-?]([^}]*))?\}/g)].map(([, name = '', fallback = '']) => [name, fallback]),
  );

it('DP2 every setting of the program is explained in .env.example', () => {
  expect(SETTING_NAMES.filter((name) => !new RegExp(`\\b${name}\\b`).test(example))).toEqual([]);
});

it('DP2 every setting that .env.example offers reaches the gateway, and no other is offered', () => {
  const offered = [...example.matchAll(/^#?(CARREL_[A-Z_]+)=/gm)].map(([, name = '']) => name);
  const given = services['gateway']?.environment ?? {};
  expect(offered.filter((name) => !SETTING_NAMES.includes(name))).toEqual([]);
  expect(offered.filter((name) => !Object.hasOwn(given, name))).toEqual([]);
  const fixed = example.slice(example.indexOf('# Fixed by'));
  const passedOn = Object.entries(given).flatMap(([name, value]) => (value === null ? [name] : []));
  expect(passedOn.filter((name) => !offered.includes(name))).toEqual([]);
  expect(Object.keys(given).filter((name) => !offered.includes(name) && !fixed.includes(name))).toEqual([]);
});

it('DP2 every variable of compose.yaml is in .env.example, with the same default', () => {
  const offered = new Map(
    [...example.matchAll(/^#?(STACK_[A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const used = [...variables(compose)].filter(([name]) => name.startsWith('STACK_'));
  const ofOtherEngines = [...variables(engineTls).keys()].filter((name) => !used.some(([known]) => known === name));
  expect([...offered.keys()]).toEqual(expect.arrayContaining(ofOtherEngines));
  for (const name of ofOtherEngines) offered.delete(name);
  expect(Object.fromEntries(offered)).toEqual(Object.fromEntries(used));
});

it('DP12 the images are those of this release, of the setup and of bundles', () => {
  const names = new Set(Object.values(services).map(({ image }) => image.replace(/\$\{[A-Z_]+:-([^}]*)\}/g, '$1')));
  expect([...names].sort()).toEqual(stackImages({}, version).sort());
  expect([...names]).toEqual(expect.arrayContaining([CADDY_IMAGE, POSTGRES_IMAGE, REDIS_IMAGE]));
  const own = { STACK_IMAGES: 'r.example/c/', STACK_VERSION: '2', STACK_IMAGE_REDIS: 'redis@sha256:1' };
  expect(stackImages(own, version)).toEqual(expect.arrayContaining(['r.example/c/carrel-kernel:2', 'redis@sha256:1']));
});

it('DP5 the users of the services are those that the volumes are given to', () => {
  for (const [service, user] of Object.entries(USERS))
    if (service !== 'warden') expect([service, services[service]?.user]).toEqual([service, `${user}:${user}`]);
  expect(read('ops/docker/clean.sh')).toContain(`carrel:x:${USERS.gateway}:`);
  expect(read('ops/docker/clean.sh')).toContain(`warden:x:${USERS.warden}:`);
  expect(read('ops/docker/warden-user.mjs')).toContain(`const WARDEN = ${USERS.warden};`);
});
