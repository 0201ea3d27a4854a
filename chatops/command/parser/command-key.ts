import { createHash } from 'node:crypto';
import type { CommandItem } from '../command.ts';

/**
 * An item without a key; `text`: the input of its key. `like`: for a refused command, its canonical text, so that later
 * commands with the same text are numbered as if it had been accepted.
 */
export type ItemWithoutKey = { item: WithoutKey<CommandItem>; text: string; like?: string };

type WithoutKey<Item> = Item extends CommandItem ? Omit<Item, 'key'> : never;

/**
 * Assigns a key to each item of a comment, and an occurrence to each command: the n-th item with the same text has the same key,
 * however the comment is rearranged.
 */
export const assignKeys = (found: readonly ItemWithoutKey[]): CommandItem[] => {
  const counts = new Map<string, number>();
  const count = (content: string): number => {
    const occurrence = (counts.get(content) ?? 0) + 1;
    counts.set(content, occurrence);
    return occurrence;
  };
  return found.map(({ item, text, like }) => {
    // An invalid item never has the key of a command, because commands begin with a slash.
    const content = item.kind === 'command' ? text : `! ${text}`;
    const occurrence = count(content);
    if (like !== undefined) count(like);
    const key = createHash('sha256').update(`${content}\n${occurrence}`).digest('hex').slice(0, 8);
    return item.kind === 'command'
      ? { ...item, key, command: { ...item.command, occurrence } }
      : { ...item, key };
  });
};
