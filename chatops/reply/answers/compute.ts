import { formatFileSize } from '../../../contracts/file-size.ts';
import type { Problem } from '../../../compute/client/index.ts';
import type { FileAnswer } from '../../github/ports.ts';
import { formatExact } from '../exact-text.ts';
import { formatProblem } from './problem-list.ts';
import { renderRefusal } from './refusal.ts';

const unreadableReasons = {
  'not-found': 'does not exist',
  folder: 'is a folder',
  symlink: 'is a symbolic link, which is not supported',
  submodule: 'is a submodule',
  'lfs-pointer': 'is stored in Git LFS, which is not supported',
  'too-large': 'is too large',
  'not-text': 'is not UTF-8 text',
} as const satisfies Record<Exclude<FileAnswer['outcome'], 'read'>, string>;

/** Refuses a file of inputs that cannot be read. @param bytes its size, if known */
export const renderUnreadableInputs = (
  command: string,
  path: string,
  reason: keyof typeof unreadableReasons,
  bytes: number | null,
): string =>
  renderRefusal(
    command,
    `was not started: the file ${formatExact(path, 300)} ${unreadableReasons[reason]}${bytes === null ? '' : ` (${formatFileSize(bytes)})`}. Use a text file in the repository with one JSON value per line.`,
  );

/** Refuses a file of inputs with a problem, whose field names the line. */
export const renderInvalidInputs = (command: string, path: string, problem: Problem): string =>
  `${renderRefusal(command, `was not started: the inputs in ${formatExact(path, 300)} are not valid.`)}\n\n- ${formatProblem(problem)}`;

/**
 * Asks for a review of the inputs: a command runs only with inputs at a commit that it names.
 * @param commandWithCommit the command to write after the review
 */
export const renderInputReview = (
  commandWithCommit: string,
  why: 'commit-missing' | 'commit-not-head',
): string => {
  const reason =
    why === 'commit-missing'
      ? 'On a pull request, the command must name the commit from which to read the inputs.'
      : 'The command names a commit that is not the current head of the pull request (in an issue: of the default branch).';
  return `👀 ${reason} Nothing was run. Review the inputs, then write this in a new comment:\n\n${formatExact(commandWithCommit, Infinity)}`;
};
