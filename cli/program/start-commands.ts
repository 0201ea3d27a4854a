import { Argument, Option, type Command } from 'commander';
import { limits } from '../../contracts/job-request.ts';
import { parseInteger, parsePattern } from '../options.ts';
import type { On } from './on.ts';
import { connect, jsonOption, seconds } from './options.ts';

const detachOption = () => new Option('--detach', 'print the id of the job, and do not wait for it');
const idOption = () =>
  new Option('--id <job>', 'the id of the new job: if you repeat the command, nothing runs twice').argParser(
    parsePattern(/^job-[0-9a-f]{32}$/, '"job-" and 32 lowercase hex digits'),
  );
const parametersOption = () =>
  new Option(
    '--parameters <file>',
    'a JSON file with parameters, "-" for standard input; use it for secrets',
  );
const timeoutOption = () =>
  new Option('--timeout <s>', 'the maximum run time of the job, in seconds').argParser(seconds);

/** Adds the commands that start jobs. */
export const addStartCommands = (program: Command, on: On): void => {
  program.commandsGroup('Start jobs:');
  connect(
    program
      .command('run')
      .summary('start a task, print its log, and exit when it has ended')
      .description(
        'Starts a task from the catalogue, prints its log as it grows, and exits when it has ended.',
      )
      .argument('<task>', 'the name of the task')
      .argument('[parameters...]', 'its parameters, as name=value')
      .addOption(parametersOption())
      .addOption(timeoutOption())
      .addOption(idOption())
      .addOption(detachOption())
      .addOption(jsonOption()),
  ).action(on(async () => (await import('../commands/start-job.ts')).runTask));
  connect(
    program
      .command('compute')
      .summary('run an algorithm over many inputs, and print the result')
      .description('Runs an algorithm over many inputs in parallel, and prints the result.')
      .addArgument(
        new Argument('[count]', 'the number of inputs, unless --inputs is given').argParser(
          parseInteger(1, limits.inputs),
        ),
      )
      .argument('[parameters...]', "the algorithm's parameters, as name=value")
      .addOption(new Option('--inputs <file>', 'a file with one JSON value per line; "-" for standard input'))
      .addOption(new Option('--algorithm <name>', 'the algorithm (default: monte-carlo-pi)'))
      .addOption(
        new Option('--block-size <n>', 'the number of inputs per block').argParser(
          parseInteger(1, limits.inputs),
        ),
      )
      .addOption(parametersOption())
      .addOption(timeoutOption())
      .addOption(idOption())
      .addOption(detachOption())
      .addOption(jsonOption()),
  ).action(on(async () => (await import('../commands/start-job.ts')).computeInputs));
};
