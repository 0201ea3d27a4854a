import { createHash } from 'node:crypto';
import type { CommandItem } from '../command.ts';

/** An item that has no key yet; `text`: what its key is made of. */
export type Keyless = { item: ItemOf<CommandItem>; text: string };

type ItemOf<Item> = Item extends CommandItem ? Omit<Item, 'key'> : never;

/**
 * Gives each item of a comment its key, and each command its occurrence: the n-th of the same text has the same key however
 * the comment is rearranged.
 */
export const withKeys = (found: readonly Keyless[]): CommandItem[] => {
  const counts = new Map<string, number>();
  return found.map(({ item, text }) => {
    // No mistake has the key of a command: that begins with a slash.
    const content = item.kind === 'command' ? text : `! ${text}`;
    const occurrence = (counts.get(content) ?? 0) + 1;
    counts.set(content, occurrence);
    const key = createHash('sha256').update(`${content}\n${occurrence}`).digest('hex').slice(0, 8);
    return item.kind === 'command'
      ? { ...item, key, command: { ...item.command, occurrence } }
      : { ...item, key };
  });
};
