import type { TaskDefinition } from '../../../compute/client/index.ts';
import type { CommandName } from '../command.ts';
import type { CommandArguments } from '../command-arguments.ts';
import type { Intent } from '../intent.ts';

/**
 * The right that a command needs; who has it, the repository's policy says.
 * `work`: to run what the command asks for. `run-that-task`: to run what the job in question runs; where no job is named, to
 * read. `requester-or-run-that-task`: the job is one's own, or one might have asked for it. `approver`: to approve the job in
 * question. `locks`: to take and give back locks by hand.
 */
export type CommandAccess =
  | 'everyone'
  | 'read'
  | 'work'
  | 'run-that-task'
  | 'requester-or-run-that-task'
  | 'approver'
  | 'locks';

/** All that is said and known of one command. */
export type CommandSpec = {
  name: CommandName;
  /** How it is written; what may be left out stands in brackets. */
  usage: string;
  /** One sentence without its full stop. Markdown of ours; commands in it stand in code, as they are written without a prefix. */
  summary: string;
  /** What is to be known besides: a line each. Like the summary. */
  notes: readonly string[];
  access: CommandAccess;
  examples: readonly { command: string; meaning: string }[];
  /**
   * The rest of the line after the first argument is one text, exactly as written. `rest`: with or without `reason=` before it;
   * `reason`: only after `reason=`.
   */
  freeText?: 'rest' | 'reason';
  /** Its meaning depends on the catalogue of tasks. */
  needsCatalogue: boolean;
  /** What it asks for; undefined if there are mistakes, which `given` then holds, all of them. */
  interpret: (given: CommandArguments, catalogue: readonly TaskDefinition[]) => Intent | undefined;
};
