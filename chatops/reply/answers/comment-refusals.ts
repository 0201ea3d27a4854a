import { toCodeSpan } from '../../markdown/untrusted-text.ts';
import { formatExact } from '../exact-text.ts';
import { toBulletList } from './problem-list.ts';
import { renderRefusal } from './refusal.ts';

/**
 * Refuses all commands of an edit.
 * @param editor who edited the comment; null: its author, but its previous text is unknown
 */
export const renderEditRefusal = (author: string, editor: string | null): string =>
  editor === null
    ? '✋ This comment was edited, and its previous text is unknown, so nothing in the edit was run. Write new commands in a new comment.'
    : `✋ ${toCodeSpan(editor, 60)} edited this comment by ${toCodeSpan(author, 60)}. Only commands that the author writes are run, so nothing in the edit was run.`;

/** Refuses an approval or a rejection in an edited comment. */
export const renderDecisionByEdit = (command: string): string =>
  renderRefusal(
    command,
    "was not carried out: you can't approve or reject in an edited comment. Write the command in a new comment.",
  );

/** Lists commands that were found too late to run them. */
export const renderMissedCommands = (commands: readonly string[]): string =>
  [
    `⏰ ${commands.length === 1 ? 'This command was missed and did not run. To run it now, write it again:' : 'These commands were missed and did not run. To run them now, write them again:'}`,
    '',
    ...toBulletList(commands.map((command) => formatExact(command, 300))),
  ].join('\n');

/** Refuses a comment with more commands than a reply can show. */
export const renderTooManyCommands = (count: number, max: number): string =>
  `😕 This comment has ${count} commands; a comment can have at most ${max}. Nothing was started.`;
