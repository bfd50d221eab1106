/** Types of `steps.mjs` for the TypeScript beside it. */
export class SetupError extends Error {}
export type Note = (text: string) => void;
export function step<T>(title: string, work: (note: Note) => Promise<T>): Promise<T>;
export function run(
  program: string,
  args: readonly string[],
  options?: { note?: Note; env?: NodeJS.ProcessEnv; cwd?: string; anyStatus?: boolean; tail?: number },
): Promise<string>;
export function reportFailure(error: unknown): void;
