import type { TaskDefinition, TaskParameter } from '../../compute/client/index.ts';
import { cell } from '../markdown/foreign.ts';
import { commandNames, type CommandName } from './command.ts';
import { specs } from './commands/index.ts';
import type { Access } from './commands/spec.ts';

const who: Record<Access, string> = {
  none: 'everyone',
  read: 'all who may read this repository',
  write: 'all who may write to this repository',
};

/**
 * Help as Markdown: all commands, or one with its examples. Nothing in it parses as a command.
 * @param catalogue the tasks, if they are known: help about `run` lists them
 */
export const help = (about: CommandName | undefined, catalogue: readonly TaskDefinition[]): string =>
  about === undefined ? overview() : chapter(about, catalogue);

const overview = (): string =>
  [
    ...commandNames
      .map((name) => specs[name])
      .map(({ usage, summary, access }) => `- **\`${usage}\`** ${summary}; for ${who[access]}`),
    '',
    'A command starts a line of a comment; several may stand in one comment. In code, quotes, lists and hidden text it is text.',
    'A value with blanks stands in quotes. Ask for `/help compute` and so on for examples.',
    'Where another bot has a command of the same name, `/cox` says which is meant: `/cox help`.',
  ].join('\n');

const chapter = (about: CommandName, catalogue: readonly TaskDefinition[]): string => {
  const { usage, summary, notes, access, examples } = specs[about];
  return [
    `**\`${usage}\`** ${summary}. It may be used by ${who[access]}.`,
    ...(notes.length > 0 ? ['', ...notes.map((note) => `- ${note}`)] : []),
    '',
    '| example | what it does |',
    '| --- | --- |',
    ...examples.map(({ command, meaning }) => `| \`${command}\` | ${meaning} |`),
    ...(about === 'run' && catalogue.length > 0 ? ['', taskTable(catalogue)] : []),
  ].join('\n');
};

/** The tasks of the catalogue as Markdown, with what each of them takes. */
export const taskTable = (catalogue: readonly TaskDefinition[]): string =>
  catalogue.length === 0
    ? 'There are no tasks in the catalogue.'
    : [
        '| task | what it does | parameters |',
        '| --- | --- | --- |',
        ...catalogue.map(
          ({ taskName, description, scriptParameters }) =>
            `| ${cell(taskName)} | ${description ? cell(description) : ''} | ${parametersOf(scriptParameters)} |`,
        ),
      ].join('\n');

const parametersOf = (parameters: readonly TaskParameter[]): string =>
  parameters.length === 0
    ? 'none'
    : parameters.map((parameter) => cell(parameterText(parameter))).join('<br>');

const parameterText = (parameter: TaskParameter): string => {
  const { parameterName, parameterType, required, allowed, pattern, secret, description } = parameter;
  const kind = allowed ? allowed.map(String).join(' or ') : parameterType;
  const said = [
    required && parameter.default === undefined ? 'required' : undefined,
    parameter.default === undefined || secret ? undefined : `default ${parameter.default}`,
    pattern === undefined ? undefined : `matches ${pattern}`,
    secret ? 'secret' : undefined,
    description,
  ].filter((part) => part !== undefined);
  return [`${parameterName}: ${kind}`, ...said].join(', ');
};
