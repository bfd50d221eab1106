/**
 * Known holes of runc, containerd and the engine that a host of Carrel may have, with their sources (`holes/`). Left out are holes older
 * than the oldest engine that Carrel works with (20.10), those of containerd's CRI, which Docker does not use, those of BuildKit, which builds
 * here from the release's own files alone, those by which somebody who holds the engine's API already can make it crash, and what no stored source confirmed.
 */
import { CONTAINERD } from './holes/containerd.ts';
import { ENGINE } from './holes/engine.ts';
import type { Component, Hole, HoleOf } from './holes/hole.ts';
import { RUNC } from './holes/runc.ts';

const of = (component: Component, holes: readonly HoleOf[]): Hole[] => holes.map((hole) => ({ ...hole, component }));

/** Newest first in each component. */
export const HOLES: readonly Hole[] = [...of('runc', RUNC), ...of('containerd', CONTAINERD), ...of('engine', ENGINE)];
