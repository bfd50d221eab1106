/**
 * Waits for a condition of the outside world, asked every 50 ms, and answers what fulfilled it. The error says what was
 * waited for and what was seen last.
 */
export async function until<T>(
  what: string,
  test: () => Promise<T> | T,
  ms = 30_000,
  seen?: () => unknown,
): Promise<T> {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = await test();
    if (found) return found;
    if (Date.now() > deadline) {
      const state = seen === undefined ? '' : `; saw ${JSON.stringify(await seen())}`;
      throw new Error(`waited ${ms} ms in vain until ${what}${state}`);
    }
    await new Promise((next) => setTimeout(next, 50));
  }
}
