import type { Grammar } from '../../../chatops/command/index.ts';

/** Ways to write commands that a repository may choose. */
export const grammars: readonly Grammar[] = [
  { prefix: 'cox', required: false },
  { prefix: 'cox', required: true },
  { prefix: 'ops', required: false },
  { prefix: 'ops', required: true },
  { prefix: 'a', required: false },
  { prefix: 'my-bot-2', required: true },
];
