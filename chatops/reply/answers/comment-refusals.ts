import { toCodeSpan } from '../../markdown/untrusted-text.ts';
import { formatExact } from '../exact-text.ts';
import { toBulletList } from './problem-list.ts';
import { renderRefusal } from './refusal.ts';

/**
 * An edit that may not run anything.
 * @param editor who edited; null: the author did, but what the comment said before is not known
 */
export const renderEditRefusal = (author: string, editor: string | null): string =>
  editor === null
    ? '✋ This comment was edited, and it is not known what it said before. Nothing of the edit was run: write new commands in a new comment.'
    : `✋ ${toCodeSpan(editor, 60)} edited this comment of ${toCodeSpan(author, 60)}. Only what its author writes is run, so nothing of the edit was.`;

/** A decision in an edited comment. */
export const renderDecisionByEdit = (command: string): string =>
  renderRefusal(
    command,
    'was not carried out: an edited comment decides nothing. Write it in a new comment.',
  );

/** Commands that nobody saw in time. */
export const renderMissedCommands = (commands: readonly string[]): string =>
  [
    `⏰ ${commands.length === 1 ? 'This was' : 'These were'} missed, and not run. To have it done still, write it again:`,
    '',
    ...toBulletList(commands.map((command) => formatExact(command, 300))),
  ].join('\n');

/** A comment with more commands than one reply can show. */
export const renderTooManyCommands = (count: number, max: number): string =>
  `😕 This comment holds ${count} commands; at most ${max} are taken at once. Nothing was started.`;
