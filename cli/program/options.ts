import { Argument, Option, type Command } from 'commander';
import { limits } from '../../contracts/job-request.ts';
import { parseInteger } from '../options.ts';

/* The arguments and options that several commands share. */

const connectionOptions = () => [
  new Option('--data <dir>', 'the data folder of a local platform (default: .coxswain)').conflicts(
    'orchestrator',
  ),
  new Option(
    '--orchestrator <url>',
    'the address of an orchestrator, without /api (COXSWAIN_ORCHESTRATOR_URL)',
  ),
  new Option('--key-file <file>', 'a file with the key (COXSWAIN_KEY)').conflicts(['tokenFile', 'audience']),
  new Option('--token-file <file>', "a file with an application's token (COXSWAIN_TOKEN)").conflicts(
    'audience',
  ),
  new Option('--audience <uri>', 'sign in to Entra as an application, for this audience (COXSWAIN_AUDIENCE)'),
];

/** Adds the options that select the orchestrator. */
export const connect = (command: Command): Command => {
  command.optionsGroup('Connection:');
  for (const option of connectionOptions()) command.addOption(option);
  return command;
};

export const seconds = parseInteger(1, limits.timeoutSeconds);
export const jobArgument = (): Argument =>
  new Argument('<job>', "the job's id, or at least its first four digits");
export const dataOption = (): Option => new Option('--data <dir>', 'the data folder (default: .coxswain)');
export const jsonOption = (): Option => new Option('--json', 'print JSON; docs/cli.md lists the fields');
