import { expect, it } from 'vitest';
import { loadPolicies } from '../config/load-policies.ts';
import type { EngineFacts } from './engine.ts';
import { FakeEngine } from './fake-engine.ts';
import { uidRange } from './uid-range.ts';

const { site } = loadPolicies('policies');
const facts = (changes: Partial<EngineFacts>) => ({ ...new FakeEngine().answeredFacts, ...changes });

it('is the site’s where the engine runs as root without a map', () => {
  expect(uidRange(facts({}), site)).toEqual({ strategy: 'site', first: 200_000, count: 65_536 });
});

it.each([
  ['rootless', facts({ rootless: true })],
  ['userns-remap', facts({ securityOptions: ['name=seccomp,profile=default', 'name=userns'] })],
])('lies below 65536 where the engine maps user ids: %s', (_, engine) => {
  const range = uidRange(engine, site);
  expect(range.strategy).toBe('mapped');
  expect(range.first + range.count).toBeLessThanOrEqual(65_534);
});
