import { randomUUID } from 'node:crypto';
import { endGroup, startGroup } from '@actions/core';
import { cleaned } from '../../chatops/markdown/foreign.ts';

/** Prints text of others, without colours and signatures, so that no line of it is taken for a command to the runner. */
const printForeign = (text: string): void => {
  const end = randomUUID();
  process.stdout.write(`::stop-commands::${end}\n${cleaned(text).trimEnd()}\n::${end}::\n`);
};

/** Prints text of others in a group that can be folded. The title is ours. */
export const printForeignGroup = (title: string, text: string): void => {
  startGroup(title);
  printForeign(text);
  endGroup();
};
