/** All checks, in the order in which they are printed. */
import type { Family } from './check.ts';
import { confinement } from './checks/confinement.ts';
import { data } from './checks/data.ts';
import { engine } from './checks/engine.ts';
import { host } from './checks/host.ts';
import { kernel } from './checks/kernel.ts';
import { policies } from './checks/policies.ts';
import { reach } from './checks/reach.ts';
import { running } from './checks/running.ts';
import { site } from './checks/site.ts';
import { settings } from './checks/unsafe.ts';

export const FAMILIES: readonly Family[] = [
  settings,
  engine,
  confinement,
  kernel,
  host,
  reach,
  site,
  data,
  policies,
  running,
];
