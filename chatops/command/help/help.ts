import type { TaskDefinition } from '../../../compute/client/index.ts';
import { commandNames, defaultGrammar, type CommandName, type Grammar } from '../command.ts';
import { commandSpecs } from '../commands/index.ts';
import { withPrefix, withPrefixInMarkdown } from '../command-prefix.ts';
import { accessLabels } from './access-labels.ts';
import { formatUserSummary, type UserSummary } from './user-summary.ts';
import { formatTaskTable } from './task-table.ts';

/**
 * Help as Markdown: all commands, or one with its examples, written as they are to be written under the grammar. Nothing in
 * it parses as a command.
 * @param catalogue the tasks, if they are known: help about `run` lists them
 * @param standing who asks; told first, before the overview
 */
export const formatHelp = (
  about: CommandName | undefined,
  catalogue: readonly TaskDefinition[],
  standing?: UserSummary,
  grammar: Grammar = defaultGrammar,
): string => {
  const text = about === undefined ? overview(grammar) : formatCommandHelp(about, grammar);
  if (about === 'run' && catalogue.length > 0) return `${text}\n\n${formatTaskTable(catalogue)}`;
  return about === undefined && standing ? `${formatUserSummary(standing, grammar)}\n\n${text}` : text;
};

/** How commands are written, whichever they are: a paragraph of Markdown, a line a sentence or two. */
export const formatSyntaxHelp = (grammar: Grammar): string => {
  const { prefix, required } = grammar;
  const other = `If another bot has a command with the same name, start with \`/${prefix}\`: \`/${prefix} help\`.`;
  return [
    'A command starts a line of a comment; a comment can hold several. Commands in code, quotes, lists, hidden text, or HTML elements are ignored.',
    'Put values with spaces in quotes. A value can be at most 1 KiB long.',
    required ? `Every command begins with \`/${prefix}\` here.` : other,
  ].join('\n');
};

const overview = (grammar: Grammar): string => {
  const lines = commandNames
    .map((name) => commandSpecs[name])
    .map(({ usage, summary, access }) => `- **\`${usage}\`** ${summary}; for ${accessLabels[access]}`);
  const text = [...lines, '', 'For examples, write `/help compute`, and so on.'].join('\n');
  return `${withPrefixInMarkdown(text, grammar)}\n${formatSyntaxHelp(grammar)}`;
};

/** One command with all that it says of itself. */
export const formatCommandHelp = (about: CommandName, grammar: Grammar): string => {
  const { usage, summary, notes, access, examples } = commandSpecs[about];
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
