import type { Argument } from '../command.ts';
import type { CommandArguments } from '../command-arguments.ts';
import type { InputsFile } from '../intent.ts';

const maxPathLength = 400;
const expected = `a file path in this repository of at most ${maxPathLength} characters, such as data/inputs.jsonl; to read it at a commit, append "@" and the 40 hex digits of the commit id`;

/** Parses `path` or `path@<40 hex digits>`. If it is neither, adds an error and returns undefined. */
export const parseInputsFile = (args: CommandArguments, argument: Argument): InputsFile | undefined => {
  const { value } = argument;
  const [, pinned, commit] = /^(.*)@([0-9a-fA-F]{40})$/su.exec(value) ?? [];
  const path = pinned ?? value;
  const details = { expected, received: value };
  if (commit === undefined && /[^/]@[^@/.]*$/.test(value))
    args.addError(argument, 'wrong-type', 'The text after the path is not a commit id', details);
  else if (!isPath(path)) args.addError(argument, 'wrong-type', '{received} is not a file path', details);
  else return { path, ...(commit === undefined ? {} : { commit: commit.toLowerCase() }) };
  return undefined;
};

/** Returns whether a path is relative and normalized: no part is empty, `.` or `..`. */
const isPath = (path: string): boolean =>
  path.length <= maxPathLength &&
  !/\p{Cc}/u.test(path) &&
  path.split('/').every((part) => !['', '.', '..'].includes(part));
