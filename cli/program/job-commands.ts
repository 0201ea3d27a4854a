import { Option, type Command } from 'commander';
import { jobStates } from '../../contracts/job.ts';
import { parseChoices, parseInteger, parsePattern, parseSince } from '../options.ts';
import type { On } from './on.ts';
import { connect, jobArgument, jsonOption, seconds } from './options.ts';

/** Adds the commands that list, follow and cancel jobs. */
export const addJobCommands = (program: Command, on: On): void => {
  program.commandsGroup('Follow and control jobs:');
  addJobList(program, on);
  addStatus(program, on);
  addLogs(program, on);
  addFiles(program, on);
  connect(
    program
      .command('cancel')
      .summary('cancel a job')
      .description('Cancels a job.')
      .addArgument(jobArgument())
      .addOption(jsonOption()),
  ).action(on(async () => (await import('../commands/cancel.ts')).cancelJob));
};

const addJobList = (program: Command, on: On): void => {
  connect(
    program
      .command('jobs')
      .summary('list jobs, newest first')
      .description('Lists jobs, newest first.')
      .addOption(
        new Option(
          '--state <states>',
          `only jobs in these states, separated by commas: ${jobStates.join(', ')}`,
        ).argParser(parseChoices(jobStates)),
      )
      .addOption(new Option('--kind <kind>', 'only jobs of this kind').choices(['compute', 'task']))
      .addOption(
        new Option(
          '--since <time>',
          'only jobs created since a time, such as 2h, 7d or 2026-03-01',
        ).argParser(parseSince),
      )
      .addOption(
        new Option('--thread <thread>', 'only jobs of this thread: <repository id>/<number>').argParser(
          parsePattern(
            /^\d{1,15}\/\d{1,15}$/,
            'the numeric id of a repository, "/", and the number of an issue',
          ),
        ),
      )
      .addOption(
        new Option(
          '--repository <repository>',
          'only jobs of this repository: <host>/<repository id>',
        ).argParser(
          parsePattern(/^[^/]{1,200}\/\d{1,15}$/, 'a host, "/", and the numeric id of a repository'),
        ),
      )
      .addOption(
        new Option('--limit <n>', 'the maximum number of jobs to list')
          .argParser(parseInteger(1, 10_000))
          .default(20),
      )
      .addOption(jsonOption()),
  ).action(on(async () => (await import('../commands/jobs.ts')).listJobs));
};

const addStatus = (program: Command, on: On): void => {
  connect(
    program
      .command('status')
      .summary('show a job, its result and its outputs')
      .description('Shows a job, its result and its outputs.')
      .addArgument(jobArgument())
      .option('--wait', 'wait until the job has ended; the exit code says how')
      .addOption(new Option('--timeout <s>', 'the maximum number of seconds to wait').argParser(seconds))
      .addOption(jsonOption()),
  ).action(on(async () => (await import('../commands/status.ts')).showStatus));
};

const addLogs = (program: Command, on: On): void => {
  connect(
    program
      .command('logs')
      .summary("print a task's log, or follow it")
      .description("Prints the end of a task's log.")
      .addArgument(jobArgument())
      .option('-f, --follow', 'print the whole log as it grows, until the job has ended')
      .addOption(
        new Option('--bytes <n>', 'the maximum number of bytes to print')
          .argParser(parseInteger(1, 262_144))
          .default(262_144),
      )
      .addOption(jsonOption()),
  ).action(on(async () => (await import('../commands/logs.ts')).showLogs));
};

const addFiles = (program: Command, on: On): void => {
  connect(
    program
      .command('files')
      .summary('list or download the files that a task delivered')
      .description('Lists the files that a task delivered, or downloads them.')
      .addArgument(jobArgument())
      .option('--download <dir>', 'download the files to this folder')
      .option('--force', 'replace files that exist in the folder')
      .addOption(jsonOption()),
  ).action(on(async () => (await import('../commands/files.ts')).showFiles));
};
