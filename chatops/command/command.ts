/** The names of all commands, in the order in which help lists them. */
export const commandNames = [
  'compute',
  'run',
  'status',
  'logs',
  'cancel',
  'retry',
  'approve',
  'reject',
  'locks',
  'lock',
  'unlock',
  'explain',
  'tasks',
  'help',
] as const;
export type CommandName = (typeof commandNames)[number];

export const isCommandName = (word: string): word is CommandName =>
  (commandNames as readonly string[]).includes(word);

/** How a repository writes commands: the prefix (`/cox help`), and whether it is required. */
export type Grammar = { prefix: string; required: boolean };

export const defaultGrammar: Grammar = { prefix: 'cox', required: false };

/** A position in a comment whose lines end in LF. Lines and columns start at 1; columns count code points. */
export type Position = { line: number; column: number };

/** The position of an argument; `unreadable` if it could not be parsed and therefore has no value. */
export type ArgumentPosition = Position & { unreadable: boolean };

/** One argument of a command; `name` is null for a positional one. */
export type Argument = {
  name: string | null;
  value: string;
  position: Position;
  /** Its value could not be parsed; an error says why. */
  unreadable: boolean;
  /** The argument as written, with its name and quotes. */
  source?: string;
};

/** A parsed command. Only its syntax has been checked. */
export type Command = {
  name: CommandName;
  positionals: string[];
  /** Sorted by name. */
  parameters: Record<string, string>;
  /** The free text of a command that takes some, including the arguments in it, without the quotes around it. */
  text?: string;
  /** The canonical form on one line, which parses back to the same command. */
  canonical: string;
  /** The command as written: its first word, with the prefix if it has one, and its arguments in order. */
  written?: { word: string; arguments: readonly { name: string | null; source: string }[] };
  /** The number of this command among those with the same canonical form in the comment, from 1. */
  occurrence: number;
  position: Position;
  /** The positions of its arguments. If missing, errors in them have the position of the command. */
  argumentPositions?: {
    positionals: ArgumentPosition[];
    parameters: Record<string, ArgumentPosition>;
    text?: ArgumentPosition;
  };
  /** The names of parameters that are not in the written command: those in the Action's input `parameters`. */
  separate?: readonly string[];
};

/** A mistake in a command, for the reply to its author. */
export type ParseError = {
  /** A stable identifier, such as `unclosed-quote`. */
  code: string;
  position: Position;
  /**
   * One sentence for people, without its full stop. It may quote names that the person wrote, never a value; `{received}` at its
   * start stands for `received`.
   */
  message: string;
  expected: string | null;
  /** What was written instead, truncated; never the value of a secret parameter. */
  received: string | null;
  /** What to write instead. */
  suggestion: string | null;
};

/**
 * One command of a comment, or the errors in it. `key`: 8 hex digits that identify it among the comment's commands by content and
 * occurrence, never by position, so that an edit of the rest of the comment does not change it.
 */
export type CommandItem = { key: string } & (
  | { kind: 'command'; command: Command }
  | {
      kind: 'invalid';
      /** A word without our prefix that only resembles one of our commands, so it may be meant for another bot. */
      doubtful: boolean;
      /** The line as written, truncated, without values that may be secret. */
      heading: string;
      errors: ParseError[];
      position: Position;
      /** What could be parsed of a command whose other errors can only be found with the catalogue. */
      draft?: Command;
    }
);
