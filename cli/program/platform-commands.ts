import { Option, type Command } from 'commander';
import { parseBasePort, parseInteger } from '../options.ts';
import type { On } from './on.ts';
import { dataOption, jsonOption, seconds } from './options.ts';

const portOption = () =>
  new Option('--port <n>', 'the first of five ports; 0: any free ports').argParser(parseBasePort);

/** Adds the commands that run a local platform, or write to it. */
export const addPlatformCommands = (program: Command, on: On): void => {
  program.commandsGroup('On this machine:');
  program
    .command('start')
    .summary('run all of Coxswain on this machine')
    .description(
      'Runs all of Coxswain on this machine: storage, orchestrator, workers, the bot, and an embedded GitHub with a page for comments.',
    )
    .addOption(dataOption())
    .addOption(portOption().default(4000))
    .option(
      '--functions-app <zip>',
      'host this package of the orchestrator, as Azure Functions would (COXSWAIN_FUNCTIONS_APP)',
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Press Ctrl-C to stop. When you start it again, computations continue. A script
that is running receives SIGTERM, and its job fails.
The address that it prints signs in one browser and expires after an hour. To
get a new one: coxswain comment --open

COXSWAIN_PROGRAMS defines programs for "/compute N algorithm=exec program=NAME";
see docs/worker.md. If you start it as root, scripts and programs run as users
60800 to 61055; COXSWAIN_PROGRAM_UID sets one user for all. LOG_LEVEL=info logs
more. DIR/platform.json has addresses and keys for other programs.`,
    )
    .action(on(async () => (await import('../commands/start.ts')).startPlatform));
  program
    .command('demo')
    .summary('start everything, run two jobs, check their outputs, and exit')
    .description(
      'Starts everything, runs a computation and a task as a person would, checks their outputs, and exits.',
    )
    .addOption(new Option('--data <dir>', 'the data folder (default: a temporary one)'))
    .addOption(portOption().default(0))
    .addOption(jsonOption())
    .action(on(async () => (await import('../commands/demo.ts')).playDemo));
  program
    .command('comment')
    .summary('comment on the local platform, and show the reply')
    .description(
      'Comments on the embedded GitHub of a running local platform, and shows the reply until it is final.',
    )
    .argument('[text]', 'the comment, such as "/compute 100" or "/help"')
    .option('--as <login>', 'the author (default: the first person with write access)')
    .addOption(
      new Option('--issue <n>', 'the issue (default: the first one)').argParser(parseInteger(1, 1e9)),
    )
    .addOption(
      new Option('--timeout <s>', 'how many seconds to wait for the reply').argParser(seconds).default(3600),
    )
    .option('--open', "only print the page's address, which signs in one browser")
    .addOption(dataOption())
    .addOption(jsonOption())
    .action(on(async () => (await import('../commands/comment.ts')).writeComment));
};
