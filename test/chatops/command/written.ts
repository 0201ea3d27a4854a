import {
  readCommands,
  type Command,
  type CommandItem,
  type Grammar,
  type Mistake,
} from '../../../chatops/command/index.ts';

/** The canonical text of each command of a comment; `!` and the codes where there are mistakes. */
export const written = (body: string): string[] =>
  readCommands(body).map((item) =>
    item.kind === 'command' ? item.command.canonical : `! ${item.mistakes.map(({ code }) => code).join(' ')}`,
  );

/** The one item of a comment. */
export const only = (body: string, grammar?: Grammar): CommandItem => {
  const [item, ...more] = readCommands(body, grammar);
  if (!item || more.length > 0) throw new Error(`not one command: ${JSON.stringify(body)}`);
  return item;
};

/** The one command of a comment, which has no mistakes. */
export const command = (body: string, grammar?: Grammar): Command => {
  const item = only(body, grammar);
  if (item.kind === 'mistakes') throw new Error(JSON.stringify(item.mistakes));
  return item.command;
};

/** The mistakes of the one command of a comment. */
export const mistakes = (body: string): Mistake[] => {
  const item = only(body);
  return item.kind === 'mistakes' ? item.mistakes : [];
};
