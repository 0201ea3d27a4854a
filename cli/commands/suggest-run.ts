import { correctParameters } from '../../chatops/command/index.ts';
import type { Jobs, Problem, TaskDefinition } from '../../compute/client/index.ts';
import { commandName } from '../command-name.ts';
import { formatFlags, quoteIfNeeded } from '../format-flags.ts';

type Values = Readonly<Record<string, string>>;

/** A `coxswain run` that the orchestrator refused. */
export type RefusedRun = {
  taskName: string;
  /** The parameters on the command line, and in the file of `--parameters`. One on the command line replaces one in the file. */
  pairs: Values;
  file: Values;
  options: { parameters?: string; id?: string; timeout?: number; detach?: true; json?: true };
  /** The options that select the orchestrator; begins with a blank, or is empty. */
  connection: string;
};

/** Returns lines with the complete command for a run whose parameters were refused; undefined if no command line corrects it. */
export const suggestRun = async (
  { field }: Problem,
  run: RefusedRun,
  jobs: Jobs,
): Promise<string | undefined> => {
  if (!field?.startsWith('parameters.')) return undefined;
  // Not every credential may read the catalogue. The problem says enough then.
  const catalogue = await jobs.tasks().catch(() => undefined);
  const task = catalogue?.tasks.find(({ taskName }) => taskName === run.taskName);
  return task && formatSuggestion(task, run);
};

/**
 * Formats the command for a POSIX shell. A parameter to complete has no equals sign, so that the command is refused as it is: after an
 * equals sign, the shell passes an empty value.
 */
const formatSuggestion = (
  { taskName, scriptParameters }: TaskDefinition,
  { pairs, file, options, connection }: RefusedRun,
): string | undefined => {
  const isDeclared = (name: string) => scriptParameters.some((one) => one.parameterName === name);
  // An unknown name in the file can only be corrected there.
  if (!Object.keys(file).every(isDeclared)) return undefined;
  const isSecret = (name: string) => scriptParameters.some((one) => one.parameterName === name && one.secret);
  const isOnlyInFile = (name: string) => Object.hasOwn(file, name) && !Object.hasOwn(pairs, name);
  const corrected = correctParameters({ scriptParameters }, { ...file, ...pairs });
  const shown = corrected.filter(
    ({ name, value }) => !isSecret(name) && !(isOnlyInFile(name) && value !== null),
  );
  const secrets = corrected.map(({ name }) => name).filter((name) => isSecret(name) && !isOnlyInFile(name));
  const words = shown.map(({ name, value }) => formatParameter(name, value));
  const isIncomplete = shown.some(({ name }) => words.includes(name));
  const { parameters = secrets.length > 0 ? 'FILE' : undefined, id, timeout, detach, json } = options;
  const flags = [
    formatFlags({ parameters, timeout: timeout === undefined ? undefined : String(timeout), id }),
    detach ? ' --detach' : '',
    json ? ' --json' : '',
    connection,
  ];
  return [
    isIncomplete ? 'Add the missing values, each as name=value, and try again:' : 'To try again:',
    `  ${[commandName, 'run', taskName, ...words].join(' ')}${flags.join('')}`,
    ...(secrets.length === 0
      ? []
      : [
          `Put the value of ${secrets.join(' and ')} in ${parameters}, so that other programs cannot read it.`,
        ]),
  ].join('\n');
};

const formatParameter = (name: string, value: string | null): string =>
  value === null || /\p{Cc}/u.test(value) ? name : quoteIfNeeded(`${name}=${value}`);
