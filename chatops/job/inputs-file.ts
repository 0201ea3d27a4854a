import { hash } from 'node:crypto';
import { limits } from '../../contracts/job-request.ts';
import { toCanonicalText, type Command, type InputsFile } from '../command/index.ts';
import type { FileAnswer, Files } from '../github/ports.ts';
import type { IncomingComment } from '../incoming-comment.ts';

/** A file of inputs that was read at a commit, or why it was not. */
export type InputsFileResult =
  | { outcome: 'read'; path: string; commit: string; text: string; count: number; sha256: string }
  /** On a pull request a commit is required, and everywhere a commit must be the head. `ready`: the command with the current head. */
  | { outcome: 'commit-missing'; ready: string }
  | { outcome: 'commit-not-head'; ready: string }
  | { outcome: Exclude<FileAnswer['outcome'], 'read'>; path: string; bytes: number | null };

/**
 * Reads the inputs of a command: on an issue at the head of the default branch, on a pull request, whose content is untrusted, at the
 * commit in the command. A commit in the command must still be the head, so that nothing runs that its author has not seen.
 */
export const readInputsFile = async (
  file: InputsFile,
  command: Command,
  { thread }: IncomingComment,
  files: Files,
): Promise<InputsFileResult> => {
  const { repository, kind, number } = thread;
  const head =
    kind === 'issue' ? await files.getDefaultHead(repository) : await files.getPullHead(repository, number);
  // The commit may belong to a fork: GitHub shows those under the name of this repository, too.
  if (file.commit === undefined ? kind === 'pull-request' : file.commit !== head) {
    const outcome = file.commit === undefined ? 'commit-missing' : 'commit-not-head';
    return { outcome, ready: buildCommandWithCommit(command, file.path, head) };
  }
  const answer = await files.read(repository, file.path, head, limits.inputBytes);
  if (answer.outcome !== 'read') return { outcome: answer.outcome, path: file.path, bytes: answer.bytes };
  const { text } = answer;
  return {
    outcome: 'read',
    path: file.path,
    commit: head,
    text,
    count: countLines(text),
    sha256: hash('sha256', text),
  };
};

const buildCommandWithCommit = (command: Command, path: string, commit: string): string =>
  toCanonicalText({ ...command, parameters: { ...command.parameters, inputs: `${path}@${commit}` } });

const countLines = (text: string): number => {
  const lines = text.split('\n');
  return lines.at(-1)?.trim() === '' ? lines.length - 1 : lines.length;
};
