/** One thing that was looked at: what is wrong with it, nothing if all is well; and what the program in question printed. */
export type Check = { name: string; wrong: readonly string[]; said: string };
