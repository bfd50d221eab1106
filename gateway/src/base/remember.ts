/** Adds to what is remembered; beyond `most`, the oldest is forgotten. */
export function remember<T>(remembered: Set<T>, one: T, most: number): void {
  remembered.add(one);
  if (remembered.size <= most) return;
  for (const oldest of remembered) {
    remembered.delete(oldest);
    return;
  }
}
