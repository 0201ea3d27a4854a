import type { TaskDefinition } from '../../../compute/client/index.ts';
import { commandNames, defaultGrammar, type CommandName, type Grammar } from '../command.ts';
import { specs } from '../commands/index.ts';
import { spoken, spokenIn } from '../command-prefix.ts';
import { whoMay } from './access-labels.ts';
import { standingText, type Standing } from './user-summary.ts';
import { taskTable } from './task-table.ts';

/**
 * Help as Markdown: all commands, or one with its examples, written as they are to be written under the grammar. Nothing in
 * it parses as a command.
 * @param catalogue the tasks, if they are known: help about `run` lists them
 * @param standing who asks; told first, before the overview
 */
export const help = (
  about: CommandName | undefined,
  catalogue: readonly TaskDefinition[],
  standing?: Standing,
  grammar: Grammar = defaultGrammar,
): string => {
  const text = about === undefined ? overview(grammar) : chapter(about, grammar);
  if (about === 'run' && catalogue.length > 0) return `${text}\n\n${taskTable(catalogue)}`;
  return about === undefined && standing ? `${standingText(standing, grammar)}\n\n${text}` : text;
};

/** How commands are written, whichever they are: a paragraph of Markdown, a line a sentence or two. */
export const writing = (grammar: Grammar): string => {
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
    .map((name) => specs[name])
    .map(({ usage, summary, right }) => `- **\`${usage}\`** ${summary}; for ${whoMay[right]}`);
  const text = [...lines, '', 'For examples, write `/help compute`, and so on.'].join('\n');
  return `${spokenIn(text, grammar)}\n${writing(grammar)}`;
};

/** One command with all that it says of itself. */
export const chapter = (about: CommandName, grammar: Grammar): string => {
  const { usage, summary, notes, right, examples } = specs[about];
  const text = [
    `**\`${usage}\`** ${summary}. For ${whoMay[right]}.`,
    ...(notes.length > 0 ? ['', ...notes.map((note) => `- ${note}`)] : []),
  ].join('\n');
  const table = [
    '| example | what it does |',
    '| --- | --- |',
    ...examples.map(({ command, meaning }) => `| \`${spoken(command, grammar)}\` | ${meaning} |`),
  ].join('\n');
  return `${spokenIn(text, grammar)}\n\n${table}`;
};
