import { randomUUID } from 'node:crypto';
import { endGroup, startGroup } from '@actions/core';

/** Prints text of others so that no line of it is taken for a command to the runner. */
export const printForeign = (text: string): void => {
  const end = randomUUID();
  process.stdout.write(`::stop-commands::${end}\n${text.replace(/\n*$/, '\n')}::${end}::\n`);
};

/** Prints text of others in a group that can be folded. The title is ours. */
export const printForeignGroup = (title: string, text: string): void => {
  startGroup(title);
  printForeign(text);
  endGroup();
};
