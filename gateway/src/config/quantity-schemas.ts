/** Sizes and durations of `quantities.ts` in policies. The JSON Schema of the input side carries the same patterns, for editors. */
import { z } from 'zod';
import { DURATION, DURATION_EXPECTED, parseDuration, parseSize, SIZE, SIZE_EXPECTED } from './quantities.ts';

export const byteSize = quantity(SIZE, SIZE_EXPECTED, parseSize);
export const duration = quantity(DURATION, DURATION_EXPECTED, parseDuration, false);

/** A plain number is bytes; for durations it is refused, since nobody can tell which unit was meant. */
function quantity(pattern: RegExp, expected: string, parse: (text: string) => number | undefined, plain = true) {
  const text = z.string({ error: () => expected }).regex(pattern, expected);
  const input = plain ? z.union([text, z.int().min(1)], { error: () => expected }) : text;
  return input.transform((value, context): number => {
    const parsed = typeof value === 'number' ? value : parse(value);
    if (parsed !== undefined) return parsed;
    context.issues.push({ code: 'custom', message: expected, input: value });
    return z.NEVER;
  });
}
