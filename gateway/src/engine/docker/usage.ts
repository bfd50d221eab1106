/** The engine's statistics of one container, as both cgroup versions give them. Pure. */
import type { ContainerUsage } from '../engine.ts';

export interface StatsAnswer {
  readonly memory_stats?: {
    readonly usage?: number;
    readonly stats?: { readonly inactive_file?: number; readonly total_inactive_file?: number };
  };
  readonly cpu_stats?: { readonly cpu_usage?: { readonly total_usage?: number } };
}

/** Undefined for a container that does not run: the engine then answers without numbers. */
export function usageOf({ memory_stats: memory, cpu_stats: cpu }: StatsAnswer): ContainerUsage | undefined {
  const used = memory?.usage;
  if (used === undefined) return undefined;
  const cached = memory?.stats?.total_inactive_file ?? memory?.stats?.inactive_file ?? 0;
  return { memory: Math.max(0, used - cached), cpuSeconds: (cpu?.cpu_usage?.total_usage ?? 0) / 1e9 };
}
