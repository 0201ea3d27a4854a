import type { ComputeOffer } from '../../../contracts/algorithm-list.ts';
import type { TaskDefinition } from '../../../contracts/task-definition.ts';
import { commandNames, defaultGrammar, type CommandName, type Grammar } from '../command.ts';
import { commandSpecs } from '../commands/index.ts';
import type { CommandAccess } from '../commands/spec.ts';
import { withPrefix, withPrefixInMarkdown } from '../command-prefix.ts';
import { formatUserSummary, type UserSummary } from './user-summary.ts';
import { formatAlgorithmList } from './algorithm-list.ts';
import { formatTaskList } from './task-list.ts';

/** Describes the people who have an access, in words that follow "for". The policy of the repository determines who they are. */
export const accessLabels: Record<CommandAccess, string> = {
  everyone: 'everyone',
  read: 'anyone who can read this repository',
  'start-job': 'anyone whom the policy allows to run it',
  'run-that-task': 'anyone who can run what the job runs',
  'requester-or-run-that-task': 'the requester, and anyone who can run what the job runs',
  approver: 'anyone whom the policy allows to approve it',
  locks: 'anyone whom the policy allows to take locks',
};

/**
 * Returns help as Markdown: all commands, or one with its examples, as the grammar requires them to be written. No line of it parses
 * as a command.
 * @param offer `tasks`: the catalogue, which help for `run` lists; `compute`: the algorithms, which help for `compute` lists, if known
 * @param user the person who asks, described before the overview
 */
export const formatHelp = (
  commandName: CommandName | undefined,
  { tasks, compute }: { tasks: readonly TaskDefinition[]; compute?: ComputeOffer | undefined },
  user?: UserSummary,
  grammar: Grammar = defaultGrammar,
): string => {
  const text = commandName === undefined ? formatOverview(grammar) : formatCommandHelp(commandName, grammar);
  if (commandName === 'run' && tasks.length > 0) return `${text}\n\n${formatTaskList(tasks, [], grammar)}`;
  if (commandName === 'compute' && compute)
    return `${text}\n\nThe algorithms:\n\n${formatAlgorithmList(compute, grammar)}`;
  return commandName === undefined && user ? `${formatUserSummary(user, grammar)}\n\n${text}` : text;
};

/** Returns the rules for writing commands as a paragraph of Markdown. */
export const formatSyntaxHelp = (grammar: Grammar): string => {
  const { prefix, required } = grammar;
  const prefixHint = `If another bot has a command with the same name, start with \`/${prefix}\`: \`/${prefix} help\`.`;
  return [
    'A command must be at the start of a line. A comment can contain several commands. Commands in code, quotes, lists, hidden text, or HTML elements are ignored.',
    'Put values with spaces in quotes, such as `"…"`, `\'…\'`, `“…”` or `«…»`. A value can be at most 1 KiB long.',
    required ? `Every command begins with \`/${prefix}\` here.` : prefixHint,
  ].join('\n');
};

const formatOverview = (grammar: Grammar): string => {
  const lines = commandNames
    .map((name) => commandSpecs[name])
    .map(({ usage, summary, access }) => `- **\`${usage}\`** ${summary}; for ${accessLabels[access]}`);
  const text = [
    ...lines,
    '',
    'For details and examples, write `/help` and the name of a command, such as `/help compute`.',
  ].join('\n');
  return `${withPrefixInMarkdown(text, grammar)}\n${formatSyntaxHelp(grammar)}`;
};

/** Returns the usage, notes and examples of one command as Markdown. */
export const formatCommandHelp = (commandName: CommandName, grammar: Grammar): string => {
  const { usage, summary, notes, access, examples } = commandSpecs[commandName];
  const text = [
    `**\`${usage}\`** ${summary}. For ${accessLabels[access]}.`,
    ...(notes.length > 0 ? ['', ...notes.map((note) => `- ${note}`)] : []),
  ].join('\n');
  const table = [
    '| example | what it does |',
    '| --- | --- |',
    ...examples.map(({ command, meaning }) => `| \`${withPrefix(command, grammar)}\` | ${meaning} |`),
  ].join('\n');
  return `${withPrefixInMarkdown(text, grammar)}\n\n${table}`;
};
