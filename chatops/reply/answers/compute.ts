import type { Problem } from '../../../compute/client/index.ts';
import type { FileAnswer } from '../../github/ports.ts';
import { exact } from '../exact-text.ts';
import { problemText } from './parse-errors.ts';
import { refused } from './refusal.ts';

const whyUnread = {
  'not-found': 'is not there',
  folder: 'is a folder',
  symlink: 'is a symbolic link, which is not followed',
  submodule: 'is a submodule',
  'lfs-pointer': 'is kept in Git LFS, which is not read',
  'too-large': 'is too large',
  'not-text': 'is not UTF-8 text',
} as const satisfies Record<Exclude<FileAnswer['outcome'], 'read'>, string>;

/** A file of inputs that is not read. @param bytes its size, where known */
export const inputsUnread = (
  command: string,
  path: string,
  why: keyof typeof whyUnread,
  bytes: number | null,
): string =>
  refused(
    command,
    `was not started: the file ${exact(path, 300)} ${whyUnread[why]}${bytes === null ? '' : ` (${bytes} bytes)`}. Use a text file in the repository with one JSON value per line.`,
  );

/** A file of inputs with a mistake; the problem's field says in which line. */
export const inputsRefused = (command: string, path: string, problem: Problem): string =>
  `${refused(command, `was not started: its inputs in ${exact(path, 300)} are not right.`)}\n\n- ${problemText(problem)}`;

/**
 * Inputs of a commit that is named run only as they were when somebody looked at them.
 * @param ready the command as it has to be written
 */
export const readyCommand = (ready: string, why: 'commit-missing' | 'commit-not-head'): string => {
  const reason =
    why === 'commit-missing'
      ? 'On a pull request, inputs from the repository are taken at the commit that the command names.'
      : 'The command names a commit that is not the present head: of this pull request, or of the default branch in an issue.';
  return `👀 ${reason} Nothing was run. Review the inputs, then write this in a new comment:\n\n${exact(ready, Infinity)}`;
};
