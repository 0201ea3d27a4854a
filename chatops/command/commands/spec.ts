import type { TaskDefinition } from '../../../contracts/task-definition.ts';
import type { CommandName } from '../command.ts';
import type { CommandArguments } from '../command-arguments.ts';
import type { Intent } from '../intent.ts';

/**
 * The access that a command requires; the policy of the repository determines who has it.
 * `start-job`: may run what the command requests. `run-that-task`: may run what the job runs; may read, if the command names no job.
 * `requester-or-run-that-task`: requested the job, or may run what it runs. `approver`: may approve the job. `locks`: may take and
 * release locks.
 */
export type CommandAccess =
  | 'everyone'
  | 'read'
  | 'start-job'
  | 'run-that-task'
  | 'requester-or-run-that-task'
  | 'approver'
  | 'locks';

/** The specification of one command. */
export type CommandSpec = {
  name: CommandName;
  /** The syntax, with optional parts in brackets. */
  usage: string;
  /** One sentence of our own Markdown, without its full stop. Commands in it are in code spans and without a prefix. */
  summary: string;
  /** Further explanations, written like the summary, each in a line of its own. */
  notes: readonly string[];
  access: CommandAccess;
  examples: readonly { command: string; meaning: string }[];
  /**
   * The rest of the line after the first argument is one text, exactly as written. `rest`: with or without `reason=` before it;
   * `reason`: only after `reason=`.
   */
  freeText?: 'rest' | 'reason';
  /** Interpreting it requires the catalogue of tasks. */
  needsCatalogue: boolean;
  /** It changes something other than by starting a job. It must not run twice for one comment, nor at the same time as another command. */
  mutates?: true;
  /** It works while the policy of the repository is invalid, because it changes nothing or concerns the author's own job. */
  allowedUnderBrokenPolicy?: true;
  /** Its values may be secret parameters of a task, so they are not shown before the task is known. */
  hidesValues?: true;
  /** Returns what the command requests; undefined, with errors in `args`, if it is invalid. */
  interpret: (args: CommandArguments, catalogue: readonly TaskDefinition[]) => Intent | undefined;
};
