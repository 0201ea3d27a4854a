/** The commands there are, in the order in which help shows them. */
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

/** How commands are written in a repository: the word that names us (`/cox help`), and whether it has to be there. */
export type Grammar = { prefix: string; required: boolean };

export const defaultGrammar: Grammar = { prefix: 'cox', required: false };

/** A place in a comment: from 1, in its text after CRLF became LF; columns are counted in code points. */
export type Position = { line: number; column: number };

/** Where an argument stands; `unread` if what was written there could not be read, so that it has no value. */
export type ArgumentPosition = Position & { unread: boolean };

/** A command as it was written, its form read and nothing else. */
export type Command = {
  name: CommandName;
  positionals: string[];
  /** By name, sorted. */
  parameters: Record<string, string>;
  /** For a command that takes free text: that text, including its other arguments, without the quotes around it. */
  text?: string;
  /** The one way to write this command on one line: it parses back to the same command. */
  canonical: string;
  /** It is the n-th of that same canonical text in its comment, from 1. */
  occurrence: number;
  position: Position;
  /** Where its arguments stand; without it, mistakes about them stand where the command does. */
  places?: {
    positionals: ArgumentPosition[];
    parameters: Record<string, ArgumentPosition>;
    text?: ArgumentPosition;
  };
};

/** What a person did wrong, for the reply. */
export type ParseError = {
  /** A stable word for programs, such as `unclosed-quote`. */
  code: string;
  position: Position;
  /** One sentence for people, without its full stop. It may quote names that the person wrote, never a value. */
  message: string;
  expected: string | null;
  /** What came instead, cut; never the value of a secret parameter. */
  received: string | null;
  /** What to write instead. */
  suggestion: string | null;
};

/**
 * One command of a comment: read, or with the mistakes that kept it from being read. `key`: 8 hex digits that tell it from the
 * comment's other commands by content and occurrence, never by place: what an edit leaves as it was keeps its key.
 */
export type CommandItem = { key: string } & (
  | { kind: 'command'; command: Command }
  | {
      kind: 'mistakes';
      /** A bare word that only resembles a command of ours, without our prefix: perhaps it is not for us at all. */
      doubtful: boolean;
      /** What was written, on one line, cut; values that may be secret are left out. */
      heading: string;
      mistakes: ParseError[];
      position: Position;
      /** What could be read of a command whose other mistakes only the catalogue tells. */
      draft?: Command;
    }
);
