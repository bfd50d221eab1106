/** Types of `dependencies.mjs` for the TypeScript beside it. */
export const root: string;
export const node: string;
export function dependenciesAreInstalled(folder?: string): boolean;
export function ensureDependencies(): Promise<void>;
