/** The kernels that the worksheet may go on with, and how it changes from one to another. */
import { ApiError, api } from '../shared/api.ts';
import { t } from '../texts/texts.ts';
import type { Worksheet } from './worksheet.ts';

/** A kernelspec with what its policy gives: bytes, processors, milliseconds. */
export interface KernelOffer {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly memory: number;
  readonly cpus: number;
  readonly limits: { readonly cell: number; readonly idle: number; readonly life: number } | undefined;
}

/** In the server's order: the default first. Throws ApiError. */
export async function kernelOffers(): Promise<KernelOffer[]> {
  const { kernelspecs } = await api.kernelspecs();
  return Object.values(kernelspecs).map(({ name, spec }) => {
    const { description = '', memory = 0, cpus = 0, cell, idle, life } = spec.metadata?.carrel ?? {};
    const limits = cell !== undefined && idle !== undefined && life !== undefined ? { cell, idle, life } : undefined;
    return { name, title: spec.display_name, description, memory, cpus, limits };
  });
}

/** Those of the same program with more memory than `limit` bytes, the smallest first; of each size the first. */
export function largerOffers(offers: readonly KernelOffer[], limit: number, current: string): KernelOffer[] {
  const program = (name: string) => name.split('-')[0];
  return offers
    .filter(({ memory, name }) => memory > limit && program(name) === program(current))
    .filter(({ memory }, at, all) => all.findIndex((other) => other.memory === memory) === at)
    .sort((a, b) => a.memory - b.memory);
}

/** Asks first where a kernel would end by it. */
export function changeKernel(worksheet: Worksheet, offer: Pick<KernelOffer, 'name' | 'title'>): void {
  const act = () =>
    void api.changeKernel(worksheet.id, offer.name).then(
      () => worksheet.announcement.set(t.execution.changed(offer.title)),
      (error: unknown) => worksheet.problem.set(error instanceof ApiError ? error.message || t.unreachable : t.refused),
    );
  const kernel = worksheet.connection.status.get()?.kernel;
  if (kernel === undefined || kernel === 'none') {
    act();
    return;
  }
  worksheet.question.set({ text: t.execution.changeQuestion(offer.title), confirm: t.execution.change, act });
}
