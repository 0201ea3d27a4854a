import { toPrintable } from './thread/terminal-text.ts';

/** Writes text of a script as it is; on a terminal, without what could move the cursor or set a style. */
export const writeForeign = (text: string): void =>
  void process.stdout.write(process.stdout.isTTY ? toPrintable(text) : text);
