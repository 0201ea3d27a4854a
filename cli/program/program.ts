import { Argument, Command, CommanderError } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { addJobCommands } from './job-commands.ts';
import type { Action } from './on.ts';
import { addPlatformCommands } from './platform-commands.ts';
import { addStartCommands } from './start-commands.ts';
import { addTaskCommands } from './task-commands.ts';
import { readVersion } from '../version.ts';
import { shells, type Shell } from './shells.ts';

/**
 * Returns the command line, with all commands and options. Help, documentation and completion derive from it. The code of a command is
 * loaded when the command runs.
 * @param onExit receives the exit code of the command that ran
 */
export const createProgram = (onExit: (code: number) => void = () => {}): Command => {
  const program = new Command('coxswain')
    .description('Starts, lists and follows Coxswain jobs, on this machine or on a deployed orchestrator.')
    .helpCommand(false)
    .helpOption('-h, --help', 'print this help')
    .option('-V, --version', 'print the version')
    .on('option:version', () => {
      console.log(readVersion());
      throw new CommanderError(exitCodes.ok, 'commander.version', '');
    })
    .configureHelp({
      helpWidth: getHelpWidth(),
      // The help of a command lists its arguments and options.
      subcommandTerm: (command) => command.name(),
    })
    .addHelpText('after', '\nFor the options of a command: coxswain <command> --help')
    .showHelpAfterError('Run the command with --help to list its arguments and options.')
    .exitOverride();
  const on =
    (load: () => Promise<Action>) =>
    async (...given: unknown[]): Promise<void> => {
      // Commander passes the command itself as the last argument.
      const action = (await load()) as (...given: unknown[]) => Promise<number>;
      onExit(await action(...given.slice(0, -1)));
    };
  addPlatformCommands(program, on);
  addStartCommands(program, on);
  addJobCommands(program, on);
  addTaskCommands(program, on);
  program.commandsGroup('Other:');
  program
    .command('completion')
    .summary('print a script that completes commands in a shell')
    .description('Prints a script that completes commands and options in a shell.')
    .addArgument(new Argument('<shell>', 'the shell').choices([...shells]))
    .action(
      on(async () => {
        const { printCompletion } = await import('../commands/completion.ts');
        return async (shell: Shell) => printCompletion(shell, program);
      }),
    );
  return program;
};

/** Wide enough for the longest lines, and readable on a small terminal. */
const getHelpWidth = (): number => Math.min(process.stdout.columns ?? 80, 100);
