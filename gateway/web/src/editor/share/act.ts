/** What a part of the dialog does: says `done` when it is done, or why not; the lists are read anew. Answers whether it worked. */
export type Act = (work: () => Promise<unknown>, done: string) => Promise<boolean>;
