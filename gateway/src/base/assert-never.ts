/** Closes a discriminated union: the compiler refuses a `switch` that forgot a member. */
export function assertNever(value: never): never {
  throw new Error(`not a known case: ${JSON.stringify(value)}`);
}
