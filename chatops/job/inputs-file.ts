import { createHash } from 'node:crypto';
import { toCanonicalText, type Command, type InputsFile } from '../command/index.ts';
import type { FileAnswer, Files } from '../github/ports.ts';
import type { IncomingComment } from '../incoming-comment.ts';

/** The largest file of inputs, in bytes. */
const maxInputBytes = 10 * 1024 * 1024;

/** A file of inputs that was read at a commit, or why there is none to work on. */
export type InputsFileResult =
  | { outcome: 'read'; path: string; commit: string; text: string; count: number; sha256: string }
  /** On a pull request the commit has to be written, and the head it has to be anywhere; this is the command with the present one. */
  | { outcome: 'commit-missing'; ready: string }
  | { outcome: 'commit-not-head'; ready: string }
  | { outcome: Exclude<FileAnswer['outcome'], 'read'>; path: string; bytes: number | null };

/**
 * Reads the inputs of a command. On an issue they are those of the default branch's present head; on a pull request, whose
 * content is anybody's, those of the commit that the command names. A commit that is named has to be the head still: so
 * nothing else runs than what its writer has seen.
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
  // A commit that is named may be of a fork: GitHub shows those under the name of this repository too.
  if (file.commit === undefined ? kind === 'pull-request' : file.commit !== head) {
    const outcome = file.commit === undefined ? 'commit-missing' : 'commit-not-head';
    return { outcome, ready: buildCommandWithCommit(command, file.path, head) };
  }
  const answer = await files.read(repository, file.path, head, maxInputBytes);
  if (answer.outcome !== 'read') return { outcome: answer.outcome, path: file.path, bytes: answer.bytes };
  const { text } = answer;
  return {
    outcome: 'read',
    path: file.path,
    commit: head,
    text,
    count: countLines(text),
    sha256: hashText(text),
  };
};

const buildCommandWithCommit = (command: Command, path: string, commit: string): string =>
  toCanonicalText({ ...command, parameters: { ...command.parameters, inputs: `${path}@${commit}` } });

const countLines = (text: string): number => {
  const lines = text.split('\n');
  return lines.at(-1)?.trim() === '' ? lines.length - 1 : lines.length;
};

const hashText = (text: string): string => createHash('sha256').update(text).digest('hex');
