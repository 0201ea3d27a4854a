import type { CommandContext } from '../command-context.ts';
import type { CommandOutcome } from '../command-outcome.ts';
import type { Command, CommandName, Intent } from '../command/index.ts';

/** A command as written, its key and index in the comment, and what it requests. */
export type Invocation<Name extends CommandName = CommandName> = {
  command: Command;
  key: string;
  index: number;
  intent: Intent & { kind: Name };
};

/** Executes a command and returns its outcome. */
export type Handler<Name extends CommandName> = (
  invocation: Invocation<Name>,
  context: CommandContext,
) => Promise<CommandOutcome>;
